// A day by trainer or by studio, one studio alone, languages and themes of the grid.

import assert from 'node:assert/strict';
import { card, drag } from '../people.mjs';
import { accessible, label, picture, until } from '../stage.mjs';

const heads = (page) => page.locator('.head-owner').allInnerTexts();
const columnOf = (locator) => locator.evaluate((element) => element.closest('.day').ariaLabel);
/** Goes to a day of the week that is shown, 0 for Monday. */
const goTo = async (page, day) => {
  const address = await page.evaluate((index) => {
    const [, , room] = location.hash.split('/');
    const shown = new Date(`${location.hash.split('/')[3]}T00:00:00Z`);
    const monday = shown.getTime() - ((shown.getUTCDay() + 6) % 7) * 86_400_000;
    return `#/room/${room}/${new Date(monday + index * 86_400_000).toISOString().slice(0, 10)}/${location.hash.split('/')[4]}`;
  }, day);
  await page.evaluate((hash) => {
    location.hash = hash;
  }, address);
};

export const views = [
  {
    name: 'a day by trainer has a column for each',
    run: async ({ a, b }) => {
      await a.locator('.lens').getByRole('button', { name: 'Trainers' }).click();
      await until('everybody has a column', () => heads(a), (seen) => seen.length === 6 && seen.includes('Yuna Park'));
      await goTo(a, 3);
      await until('Thursday’s classes', () => card(a, 'Lift Basics').count(), (count) => count === 1);
      assert.match(await columnOf(card(a, 'Lift Basics')), /^Hugo Lindqvist, Thursday/);
      assert.match(a.url(), /\/trainer$/);
      await picture(a, 'day-by-trainer');
      await accessible(a, 'a day by trainer');
      await b.locator('#status.live').waitFor();
    },
  },
  {
    name: 'a class dragged to another column gets another trainer, at both',
    run: async ({ a, b }) => {
      const ana = (await heads(a)).indexOf('Ana Duarte');
      await drag(a, card(a, 'Lift Basics'), ana, 7, async () => {
        await until('it says that it is free', () => a.locator('.bubble').getAttribute('class'), (seen) => /fine/.test(seen ?? ''));
      });
      await until('Kenji sees Ana teach it', () => label(card(b, 'Lift Basics', 3)), (seen) => /Ana Duarte.*07:00–08:00/.test(seen ?? ''));
      await a.getByRole('button', { name: 'Undo', exact: true }).click();
      await until('and Hugo again', () => label(card(b, 'Lift Basics', 3)), (seen) => /Hugo Lindqvist/.test(seen ?? ''));
    },
  },
  {
    name: 'a day by studio, and one studio alone in a week',
    run: async ({ a }) => {
      await a.keyboard.press('s');
      await until('the studios', () => heads(a), (seen) => seen.join() === 'Cycle Room,Gym Floor,Mat Room,Studio A');
      await picture(a, 'day-by-studio');
      await a.keyboard.press('w');
      await a.locator('#filter').selectOption({ label: 'Cycle Room' });
      await until('nothing but spinning', () => a.locator('.card[data-course]').evaluateAll((all) => all.map((one) => one.ariaLabel)), (all) => all.length > 5 && all.every((one) => one.includes('Cycle Room')));
      await picture(a, 'one-studio');
      await a.locator('#filter').selectOption('');
    },
  },
  {
    name: 'dark is readable',
    run: async ({ b }) => {
      await b.emulateMedia({ colorScheme: 'dark' });
      await accessible(b, 'the week in the dark');
      await picture(b, 'dark');
    },
  },
];
