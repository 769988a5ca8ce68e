// A whole edit without a pointer, and what a screen reader is told.

import assert from 'node:assert/strict';
import { card } from '../people.mjs';
import { accessible, label, picture, until } from '../stage.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.tagName);
const said = (page) => page.locator('#announcer').innerText();

export const keyboard = [
  {
    name: 'one card is in the tab order, arrows go to the others',
    run: async ({ a }) => {
      await accessible(a, 'the week');
      assert.equal(await a.locator('.card[tabindex="0"]').count(), 1);
      await card(a, 'Reformer Pilates', 0).focus();
      await a.keyboard.press('ArrowDown');
      assert.match(await focused(a), /^HIIT Express,.* Monday/);
      await a.keyboard.press('ArrowRight');
      assert.match(await focused(a), /Tuesday/);
      await a.keyboard.press('Home');
      assert.match(await focused(a), /^Lift Basics,.* Tuesday/);
      assert.equal(await a.locator('.card[tabindex="0"]').count(), 1);
    },
  },
  {
    name: 'a class is made, moved, made longer and deleted by keys alone',
    run: async ({ a, b }) => {
      await card(a, 'HIIT Express', 0).focus();
      await a.keyboard.press('c');
      await until('the panel asks for a title', () => a.evaluate(() => document.activeElement?.getAttribute('name')), (seen) => seen === 'title');
      await accessible(a, 'the panel of a new class');
      await a.keyboard.type('Kettlebell Hour');
      await a.keyboard.press('Enter');
      await until('it begins where the other ends', () => label(card(b, 'Kettlebell Hour', 0)), (seen) => /12:45–13:45/.test(seen ?? ''));
      await until('it is said', () => said(a), (seen) => /Added Kettlebell Hour/.test(seen ?? ''));
      await card(a, 'Kettlebell Hour').focus();
      await a.keyboard.press('Alt+ArrowRight');
      await until('it is on Tuesday and has the focus', () => focused(a), (seen) => /^Kettlebell Hour, .*Tuesday/.test(seen ?? ''));
      await a.keyboard.press('Alt+ArrowDown');
      await a.keyboard.press('Alt+Shift+ArrowDown');
      await until('later and longer', () => label(card(b, 'Kettlebell Hour', 1)), (seen) => /13:00–14:15/.test(seen ?? ''));
      await until('Kenji’s screen reader hears of it', () => said(b), (seen) => /Mei Lin .*Kettlebell Hour|Mei Lin made/.test(seen ?? ''));
      await until('the focus stays', () => focused(a), (seen) => /^Kettlebell Hour, .*Tuesday/.test(seen ?? ''));
      await a.keyboard.press('Delete');
      await until('it is gone', () => card(b, 'Kettlebell Hour').count(), (count) => count === 0);
      assert.match(await focused(a), /Tuesday/);
    },
  },
  {
    name: 'the keys can be looked up',
    run: async ({ a }) => {
      await a.keyboard.press('?');
      await a.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await accessible(a, 'the list of keys');
      await picture(a, 'keys');
      await a.keyboard.press('Escape');
      await a.getByRole('dialog').waitFor({ state: 'detached' });
    },
  },
];
