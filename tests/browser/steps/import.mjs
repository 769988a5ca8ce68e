// Import of a table and of a calendar: preview, columns, what is left out, sending, and once more.

import assert from 'node:assert/strict';
import { cards, dialog, menu } from '../parts.mjs';
import { person } from '../people.mjs';
import { accessible, picture, until } from '../stage.mjs';

const TABLE = [
  'What,Day,From,Until,Trainer,Room',
  'Aqua Fit,2026-01-05,09:00,10:00,Rita Alves,Pool',
  'Aqua Fit,2026-01-06,09:00,10:00,Rita Alves,Pool',
  'Aqua Kids,2026-01-07,15:00,15:45,Rui Costa,Pool',
  'Nothing,2026-01-07,not a time,15:45,Rui Costa,Pool',
].join('\r\n');

const CALENDAR = [
  'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN',
  'BEGIN:VEVENT', 'UID:one', 'DTSTAMP:20260101T000000Z', 'DTSTART:20260108T090000Z', 'DTEND:20260108T100000Z', 'SUMMARY:Open Day', 'END:VEVENT',
  'END:VCALENDAR', '',
].join('\r\n');

const choose = (page, name, mimeType, text) =>
  dialog(page).getByLabel('File').setInputFiles({ name, mimeType, buffer: Buffer.from(text) });

export const imports = [
  {
    name: 'a table is previewed, its columns are named, and what it holds is imported',
    run: async (stage) => {
      const f = stage.f = await person(stage.browser, 'Mei');
      await f.getByRole('button', { name: 'New timetable' }).click();
      await dialog(f).getByLabel('Name').fill('Pool');
      await dialog(f).getByLabel('Time zone').fill('UTC');
      await dialog(f).getByRole('button', { name: 'Create' }).click();
      await f.locator('#status.live').waitFor();
      await menu(f, 'Import…');
      await choose(f, 'week.csv', 'text/csv', TABLE);
      await dialog(f).getByText('Say in which column these are').waitFor();
      await accessible(f, 'the columns of an import');
      await picture(f, 'import-columns');
      for (const [field, text] of [['Title', '{What}'], ['Start', '{Day} {From}'], ['End', '{Day} {Until}'], ['Studio', '{Room}']]) {
        await dialog(f).getByLabel(field).fill(text);
      }
      await dialog(f).getByRole('button', { name: 'Preview again' }).click();
      await dialog(f).getByText('3 classes found').waitFor();
      await dialog(f).getByText('1 line cannot be read').click();
      await dialog(f).getByText(/Line 5: /).waitFor();
      await accessible(f, 'the preview of an import');
      await picture(f, 'import-preview');
      await dialog(f).getByRole('button', { name: 'Import 3 classes' }).click();
      await until('they are there', () => cards(f).evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel).sort()), (all) => all.length === 3 && /Aqua Fit/.test(all[0]));
      assert.match(await cards(f).first().getAttribute('aria-label'), /Rita Alves, Pool.*09:00–10:00/);
      await dialog(f).locator('footer').getByRole('button', { name: 'Close' }).click();
    },
  },
  {
    name: 'what is there already is not imported twice',
    run: async ({ f }) => {
      await menu(f, 'Import…');
      // Other names of columns, the same rows: the day is found by itself.
      await choose(f, 'week.csv', 'text/csv', TABLE.replace('What,Day,From,Until', 'Title,Day,Start,End'));
      await dialog(f).getByText('3 classes found').waitFor();
      await until('all are marked', () => dialog(f).getByText('already there').count(), (count) => count === 3);
      assert.equal(await dialog(f).getByRole('button', { name: 'Import 0 classes' }).isDisabled(), true);
      await f.keyboard.press('Escape');
    },
  },
  {
    name: 'a calendar is imported, and the import undone',
    run: async (stage) => {
      const { f } = stage;
      await menu(f, 'Import…');
      await choose(f, 'week.ics', 'text/calendar', CALENDAR);
      await dialog(f).getByRole('button', { name: 'Import 1 class' }).click();
      await until('it is there', () => cards(f).count(), (count) => count === 4);
      await dialog(f).locator('footer').getByRole('button', { name: 'Close' }).click();
      await f.locator('.toast', { hasText: 'made' }).getByRole('button', { name: 'Undo' }).click();
      await until('it is gone', () => cards(f).count(), (count) => count === 3);
    },
  },
  {
    name: 'a calendar link reads the timetable without a sign-in, until it is ended',
    run: async ({ f }) => {
      await menu(f, 'Calendar link…');
      const field = dialog(f).getByLabel('Address');
      await field.waitFor();
      const address = await field.inputValue();
      assert.match(await (await fetch(address)).text(), /SUMMARY:Aqua Fit/);
      await accessible(f, 'the calendar dialog');
      await picture(f, 'calendar-link');
      await dialog(f).getByRole('button', { name: 'End this link' }).click();
      await until('it reads nothing', async () => (await fetch(address)).status, (status) => status === 404);
    },
  },
];
