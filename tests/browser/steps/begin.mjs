// Two people in one room: a demo studio, a new class, moving it, making it longer.

import assert from 'node:assert/strict';
import { Cable } from '../cable.mjs';
import { BASE, card, demoStudio, drag, live, person, point } from '../people.mjs';
import { label, picture, until } from '../stage.mjs';

export const begin = [
  {
    name: 'a demo studio is made and both see it',
    run: async (stage) => {
      stage.cable = await Cable.lay(BASE);
      stage.ending.push(() => stage.cable.remove());
      stage.a = await person(stage.browser, 'Mei', { base: stage.cable.address });
      await picture(stage.a, 'rooms');
      stage.room = await demoStudio(stage.a);
      stage.b = await person(stage.browser, 'Kenji', { room: stage.room });
      await live(stage.b);
      const count = (page) => page.locator('.card[data-course]').count();
      await until('both show the same classes', async () => [await count(stage.a), await count(stage.b)], ([a, b]) => a === b && a > 30);
      await until('both see two people', () => stage.b.locator('#avatars .avatar-place').count(), (n) => n === 2);
    },
  },
  {
    name: 'a class made by one appears at the other',
    run: async ({ a, b }) => {
      const from = await point(a, 3, 14);
      const to = await point(a, 3, 14.8);
      await a.mouse.move(from.x, from.y + 4);
      await a.mouse.down();
      await a.mouse.move(to.x, to.y, { steps: 8 });
      await a.mouse.up();
      await a.locator('#panel').getByLabel('Title').fill('Handstand Clinic');
      await a.locator('#panel').getByLabel('Trainer').selectOption({ label: 'Yuna Park' });
      await a.locator('#panel').getByLabel('Studio').selectOption({ label: 'Mat Room' });
      await picture(a, 'new-class');
      await a.getByRole('button', { name: 'Add class' }).click();
      const text = await until('Kenji sees the new class', () => label(card(b, 'Handstand Clinic')), (seen) => /14:00–15:00/.test(seen ?? ''));
      assert.match(text, /Yuna Park, Mat Room/);
    },
  },
  {
    name: 'a drag moves it at both, and is locked meanwhile',
    run: async ({ a, b }) => {
      await drag(a, card(a, 'Handstand Clinic'), 4, 14.5, async () => {
        await until('Kenji sees who holds it', () => label(card(b, 'Handstand Clinic')), (seen) => /Mei Lin is moving it/.test(seen ?? ''));
        await picture(b, 'locked');
      });
      for (const page of [a, b]) {
        await until('it is on Friday at 14:30', () => label(card(page, 'Handstand Clinic', 4)), (seen) => /14:30–15:30/.test(seen ?? ''));
      }
      await until('the lock is gone', () => label(card(b, 'Handstand Clinic')), (seen) => !/is moving it/.test(seen ?? 'is moving it'));
    },
  },
  {
    name: 'the bottom edge makes it longer',
    run: async ({ b, a }) => {
      const box = await card(b, 'Handstand Clinic').boundingBox();
      const end = await point(b, 4, 16);
      await b.mouse.move(box.x + box.width / 2, box.y + box.height - 2);
      await b.mouse.down();
      await b.mouse.move(box.x + box.width / 2, end.y, { steps: 8 });
      await b.mouse.up();
      await until('it ends at 16:00', () => label(card(a, 'Handstand Clinic')), (seen) => /14:30–16:00/.test(seen ?? ''));
    },
  },
];
