// Undo and redo, the panel, deleting, and beginning with nothing.

import { card, live, person, point } from '../people.mjs';
import { label, picture, until } from '../stage.mjs';

export const editing = [
  {
    name: 'undo brings it back for both',
    run: async ({ a, b }) => {
      await a.locator('body').press('Control+z');
      for (const page of [a, b]) {
        await until('it is on Tuesday at 09:00 again', () => label(card(page, 'Mat Pilates', 1)), (seen) => /09:00–09:50/.test(seen ?? ''));
      }
    },
  },
  {
    name: 'redo does it again, and undo once more',
    run: async ({ a, b }) => {
      await a.getByRole('button', { name: 'Redo' }).click();
      await until('it has left Tuesday', () => card(b, 'Mat Pilates', 1).count(), (count) => count === 0);
      await a.getByRole('button', { name: 'Undo', exact: true }).click();
      await until('it is back', () => card(b, 'Mat Pilates', 1).count(), (count) => count === 1);
    },
  },
  {
    name: 'an edit in the panel reaches the other, and the selection shows',
    run: async ({ a, b }) => {
      await card(b, 'Handstand Clinic').click();
      await until('Mei sees what Kenji looks at', () => card(a, 'Handstand Clinic').getAttribute('class'), (seen) => /watched/.test(seen ?? ''));
      await b.locator('#panel').getByLabel('Title').fill('Handstand Workshop');
      await b.locator('#panel').getByLabel('Places').fill('10');
      await b.getByRole('button', { name: 'Save' }).click();
      await until('Mei sees the new title', () => card(a, 'Handstand Workshop').count(), (count) => count === 1);
    },
  },
  {
    name: 'deleting can be undone from the message',
    run: async ({ a, b }) => {
      await card(a, 'Handstand Workshop').focus();
      await a.keyboard.press('Delete');
      await until('it is gone', () => card(b, 'Handstand Workshop').count(), (count) => count === 0);
      await a.locator('.toast', { hasText: 'Removed' }).getByRole('button', { name: 'Undo', exact: true }).click();
      await until('it is back', () => card(b, 'Handstand Workshop').count(), (count) => count === 1);
    },
  },
  {
    name: 'an empty timetable can be begun',
    run: async (stage) => {
      const d = await person(stage.browser, 'Mei');
      stage.d = d;
      await d.getByRole('button', { name: 'New timetable' }).click();
      await d.getByLabel('Name').fill('Riverside');
      await d.getByLabel('Time zone').fill('Europe/Lisbon');
      await d.getByRole('button', { name: 'Create', exact: true }).click();
      await d.locator('#status.live').waitFor();
      const { x, y } = await point(d, 2, 10.1);
      await d.mouse.dblclick(x, y);
      const panel = d.locator('#panel');
      await panel.getByLabel('Title').fill('First class');
      await panel.getByLabel('Trainer').selectOption({ label: 'Add a trainer…' });
      await panel.getByLabel('Name of the new trainer').fill('Rita Alves');
      await d.keyboard.press('Enter');
      await until('the new trainer is chosen', () => panel.getByLabel('Trainer').evaluate((select) => select.selectedOptions[0].label), (seen) => seen === 'Rita Alves');
      await panel.getByRole('button', { name: 'Add class' }).click();
      await until('it is there', () => label(card(d, 'First class', 2)), (seen) => /Rita Alves.*10:00–11:00/.test(seen ?? ''));
      await picture(d, 'first-class');
    },
  },
];
