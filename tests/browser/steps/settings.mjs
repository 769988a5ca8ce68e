// The calendar, the language and theme of an open board, and panels on a phone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { live, person } from '../people.mjs';
import { accessible, picture, until } from '../stage.mjs';
import { dialog, menu, panel } from '../parts.mjs';

export const settings = [
  {
    name: 'the calendar link can be copied, and the file downloaded',
    run: async ({ a }) => {
      await menu(a, 'Calendar link…');
      const [download] = await Promise.all([a.waitForEvent('download'), dialog(a).getByRole('button', { name: 'Download as a file' }).click()]);
      assert.match(readFileSync(await download.path(), 'utf8'), /BEGIN:VCALENDAR[^]*SUMMARY:/);
      await accessible(a, 'the calendar dialog');
      await picture(a, 'calendar-link');
      await a.keyboard.press('Escape');
    },
  },
  {
    name: 'the language and the theme change under an open board',
    run: async ({ a }) => {
      await a.locator('.bar > [data-act=history]').click();
      await menu(a, 'Settings');
      await dialog(a).getByLabel('Language').selectOption('zh-Hant');
      await dialog(a).getByLabel('外觀').selectOption('dark');
      await dialog(a).getByRole('button', { name: '關閉' }).click();
      await until('the history speaks Chinese', () => panel(a).innerText(), (text) => /歷史紀錄/.test(text) && /你套用了/.test(text));
      await accessible(a, 'the dark board in Chinese');
      await picture(a, 'board-zh-dark');
    },
  },
  {
    name: 'it works on a phone',
    run: async (stage) => {
      const { browser } = stage;
      const c = stage.c = await person(browser, 'Kenji', {
        room: stage.room, options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
      });
      await live(c);
      await menu(c, 'Templates…');
      await picture(c, 'phone-templates');
      await panel(c).getByRole('button', { name: 'Apply…' }).click();
      await dialog(c).locator('.preview li').first().waitFor();
      await accessible(c, 'the preview on a phone');
      await picture(c, 'phone-preview');
      await c.keyboard.press('Escape');
      await panel(c).getByRole('button', { name: 'Edit Spring week' }).click();
      await picture(c, 'phone-template');
      await c.keyboard.press('Escape');
      await menu(c, 'Travel in time');
      await picture(c, 'phone-past');
    },
  },
];
