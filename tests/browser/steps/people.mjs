// Pointers of colleagues, and who did what.

import { point } from '../people.mjs';
import { picture, until } from '../stage.mjs';

export const people = [
  {
    name: 'pointers are seen',
    run: async ({ a, b }) => {
      const at = await point(a, 2, 13.5);
      await a.mouse.move(at.x - 40, at.y - 20);
      await a.mouse.move(at.x, at.y, { steps: 6 });
      const pointer = b.locator('.cursor', { hasText: 'Mei Lin' });
      await pointer.waitFor();
      const expected = await point(b, 2, 13.5);
      await until('it is where Mei points', () => pointer.evaluate((element) => {
        const { left, top } = element.getBoundingClientRect();
        return [left, top];
      }), ([x, y]) => Math.hypot(x - expected.x, y - expected.y) < 4);
      await picture(b, 'pointer');
    },
  },
  {
    name: 'the history tells who did what',
    run: async ({ b }) => {
      await b.getByRole('button', { name: 'History' }).click();
      const list = b.locator('.history-list');
      await until('Mei’s and Kenji’s lines', () => list.innerText(), (text) => /Mei Lin[^]*moved[^]*Mat Pilates/.test(text) && /You changed Handstand Workshop/.test(text));
      await picture(b, 'history');
      await b.locator('body').press('Escape');
    },
  },
];
