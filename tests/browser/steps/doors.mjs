// Sign-in and the list of timetables: languages, themes, search, and a new one.

import assert from 'node:assert/strict';
import { BASE, live, person } from '../people.mjs';
import { accessible, picture, until } from '../stage.mjs';
import { dialog } from '../parts.mjs';

export const doors = [
  {
    name: 'the sign-in is readable in both languages and themes',
    run: async (stage) => {
      const { browser } = stage;
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-TW', reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(BASE);
      await page.getByRole('heading', { name: '現在是誰在櫃台？' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hant');
      await page.locator('[data-person]').first().waitFor();
      await accessible(page, 'the sign-in');
      await picture(page, 'signin-zh');
      await page.getByLabel('語言').selectOption('en');
      await page.getByRole('heading', { name: 'Who is at the desk?' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      await page.getByLabel('Appearance').selectOption('dark');
      await until('it is dark', () => page.evaluate(() => getComputedStyle(document.body).colorScheme), (seen) => seen === 'dark');
      await accessible(page, 'the dark sign-in');
      await picture(page, 'signin-dark');
      await page.reload();
      await page.getByRole('heading', { name: 'Who is at the desk?' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
      await context.close();
    },
  },
  {
    name: 'timetables are made in a dialog and found by a search',
    run: async (stage) => {
      const { browser } = stage;
      const a = stage.a = await person(browser, 'Mei');
      for (const [name, zone] of [['Harbour Hall', 'Europe/Lisbon'], ['Riverside', 'Asia/Taipei']]) {
        await a.getByRole('button', { name: 'New timetable' }).click();
        await dialog(a).getByLabel('Name').fill(name);
        await dialog(a).getByLabel('Time zone').fill('Nowhere/Land');
        await dialog(a).getByRole('button', { name: 'Create' }).click();
        await dialog(a).getByText('is not a time zone').waitFor();
        await dialog(a).getByLabel('Time zone').fill(zone);
        await accessible(a, 'the dialog of a new timetable');
        await dialog(a).getByRole('button', { name: 'Create' }).click();
        await a.locator('#status.live').waitFor();
        await a.locator('.bar [data-act=rooms]').click();
        await a.locator('.room-list').waitFor();
      }
      await a.getByLabel('Search timetables').fill('taipei river');
      await until('one is found', () => a.locator('.room-list li').allInnerTexts(), (seen) => seen.length > 0 && seen.every((text) => text.includes('Riverside')));
      await a.getByLabel('Search timetables').fill('no such');
      await a.getByText('Nothing is called “no such”.').waitFor();
      await a.getByLabel('Search timetables').fill('');
      await accessible(a, 'the list of timetables');
      await picture(a, 'rooms');
    },
  },
  {
    name: 'a dialog closes with Escape and gives the focus back',
    run: async ({ a }) => {
      const opener = a.getByRole('button', { name: 'New timetable' });
      await opener.click();
      await dialog(a).waitFor();
      await a.keyboard.press('Escape');
      await until('it is closed', () => a.locator('dialog[open]').count(), (count) => count === 0);
      assert.equal(await opener.evaluate((element) => element === document.activeElement), true);
    },
  },
];
