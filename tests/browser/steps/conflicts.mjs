// A double booking: explained, resolved by a suggestion, or booked anyway by an owner.

import assert from 'node:assert/strict';
import { card, drag } from '../people.mjs';
import { label, picture, until } from '../stage.mjs';

export const conflicts = [
  {
    name: 'a double booking is explained while dragging and after',
    run: async ({ a, b }) => {
      const before = await label(card(a, 'Mat Pilates', 1));
      await drag(a, card(a, 'Mat Pilates', 1), 0, 9.5, async () => {
        await until('the ghost says why', () => a.locator('.bubble.refused').innerText(), (seen) => /Priya Nair already teaches “Reformer Pilates”/.test(seen ?? ''));
        await picture(a, 'refused-ghost');
      });
      const toast = a.locator('.toast.error');
      await toast.waitFor();
      assert.match(await toast.innerText(), /Priya Nair already teaches “Reformer Pilates” 09:30–10:25/);
      await picture(a, 'refused');
      for (const page of [a, b]) {
        await until('the class stayed', () => label(card(page, 'Mat Pilates', 1)), (seen) => seen === before);
      }
    },
  },
  {
    name: 'a suggestion resolves it',
    run: async ({ a, b }) => {
      const suggestion = a.locator('.toast.error .chip.strong').first();
      const words = await suggestion.innerText();
      await suggestion.click();
      const span = /\d\d:\d\d–\d\d:\d\d/.exec(words)[0];
      const mats = card(b, 'Mat Pilates');
      await until(`a Mat Pilates at ${span}`, () => mats.evaluateAll((all) => all.map((one) => one.ariaLabel)), (all) => all.some?.((one) => one.includes(span)));
    },
  },
  {
    name: 'an owner may book anyway, with a reason that everybody can read',
    run: async ({ a, b }) => {
      await drag(a, card(a, 'Lift Basics', 1), 1, 12.25);
      await until('it moved freely', () => label(card(b, 'Lift Basics', 1)), (seen) => /12:15–13:15/.test(seen ?? ''));
      await drag(a, card(a, 'Boxing Foundations', 1), 1, 19.5);
      await a.getByRole('button', { name: 'Book anyway…' }).click();
      await a.getByLabel('Reason for booking anyway').fill('Open day');
      await a.getByRole('button', { name: 'Book anyway', exact: true }).click();
      await until('both classes carry the conflict', () => label(card(b, 'Boxing Foundations', 1)), (seen) => /19:30–20:30.*Conflict: .*Yin & Breath/.test(seen ?? ''));
      await card(b, 'Boxing Foundations', 1).click();
      await b.locator('.standing p').first().waitFor();
      assert.match(await b.locator('.standing .offers').innerText(), /19:30–20:30 · Gym Floor/);
      await picture(b, 'conflict');
      await b.locator('#panel').getByRole('button', { name: 'Close' }).click();
      await b.getByRole('button', { name: 'History' }).click();
      await b.locator('.history-list .warned', { hasText: 'Open day' }).waitFor();
      await b.locator('body').press('Escape');
      await a.getByRole('button', { name: 'Undo', exact: true }).click();
      await a.getByRole('button', { name: 'Undo', exact: true }).click();
      await until('it went back', () => label(card(b, 'Boxing Foundations', 1)), (seen) => /18:00–19:00/.test(seen ?? ''));
      await until('so did the other', () => label(card(b, 'Lift Basics', 1)), (seen) => /07:00–08:00/.test(seen ?? ''));
    },
  },
];
