// The panels of the board in a real browser, against a running development service: sign-in, the list
// of timetables, templates, history and time travel, import, the calendar link, language and theme; and
// axe on each of them. BOARD_URL says where. Pictures go to test-output/.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BASE, card, demoStudio, launch, live, person } from './people.mjs';

const OUTPUT = fileURLToPath(new URL('../../test-output/', import.meta.url));
const AXE = readFileSync(new URL('../../web/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const picture = (page, name) => page.screenshot({ path: path.join(OUTPUT, `${name}.png`) });
const PATIENCE_MS = 20_000;

/** Waits until `read` answers something that `holds` accepts; tells what it saw last when it does not. */
async function until(what, read, holds) {
  const end = Date.now() + PATIENCE_MS;
  let seen;
  do {
    seen = await read().catch((error) => error.message);
    if (holds(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < end);
  throw new assert.AssertionError({ message: `${what}; last seen: ${JSON.stringify(seen)}` });
}

/** Fails on anything that axe finds serious outside the week, which has steps of its own. The source is evaluated: the page's policy allows no script of ours. */
async function accessible(page, what) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({ exclude: ['#week'] }, { resultTypes: ['violations'] });
    return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`);
  });
  assert.deepEqual(found, [], `axe on ${what}`);
}

const cards = (page) => page.locator('.card[data-course]');
const titles = (page) => cards(page).locator('.card-title').allInnerTexts();
const menu = async (page, name) => {
  await page.locator('[popovertarget=menu]').click();
  await page.locator('#menu').getByRole('button', { name }).click();
};
const panel = (page) => page.locator('#panel');
const dialog = (page) => page.locator('dialog[open]').last();

const steps = [];
const step = (name, run) => steps.push({ name, run });

step('the sign-in is readable in both languages and themes', async ({ browser, stage }) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-TW', reducedMotion: 'reduce' });
  const page = await context.newPage();
  stage.pages.push(page);
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
});

step('timetables are made in a dialog and found by a search', async ({ browser, stage }) => {
  const a = stage.a = await person(browser, 'Mei');
  stage.pages.push(a);
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
});

step('a dialog closes with Escape and gives the focus back', async ({ stage: { a } }) => {
  const opener = a.getByRole('button', { name: 'New timetable' });
  await opener.click();
  await dialog(a).waitFor();
  await a.keyboard.press('Escape');
  await until('it is closed', () => a.locator('dialog[open]').count(), (count) => count === 0);
  assert.equal(await opener.evaluate((element) => element === document.activeElement), true);
});

step('a week becomes a template', async ({ stage }) => {
  const { a } = stage;
  stage.room = await demoStudio(a);
  stage.classes = await cards(a).count();
  await menu(a, 'Templates…');
  await panel(a).getByText('There is no template yet').waitFor();
  await panel(a).getByRole('button', { name: 'From the week shown' }).click();
  await until('a row for each class', () => dialog(a).locator('.slot').count(), (count) => count === stage.classes);
  await dialog(a).getByLabel('Name').fill('Spring week');
  await accessible(a, 'the template’s dialog');
  await picture(a, 'template-edit');
  await dialog(a).getByRole('button', { name: 'Save' }).click();
  await panel(a).getByRole('heading', { name: 'Spring week' }).waitFor();
  await accessible(a, 'the list of templates');
});

step('a template can be edited', async ({ stage: { a, classes } }) => {
  await panel(a).getByRole('button', { name: 'Edit Spring week' }).click();
  await dialog(a).getByRole('button', { name: 'Add a class' }).click();
  const row = dialog(a).locator('.slot').last();
  await row.getByLabel('Title').fill('Late Stretch');
  await row.getByLabel('Start').fill('21:00');
  await row.getByLabel('Minutes').fill('30');
  await row.getByLabel('Day').selectOption({ label: 'Wednesday' });
  await dialog(a).getByRole('button', { name: 'Save' }).click();
  await panel(a).getByText(`${classes + 1} classes a week`).waitFor();
});

step('its application is previewed, made, and undone', async ({ stage: { a, classes } }) => {
  await panel(a).getByRole('button', { name: 'Apply…' }).click();
  await dialog(a).getByText(`${classes + 1} classes would be made`).waitFor();
  await dialog(a).getByText('The service would accept this').waitFor();
  await accessible(a, 'the preview of a template');
  await picture(a, 'template-preview');
  await dialog(a).getByRole('button', { name: `Add ${classes + 1} classes` }).click();
  await a.locator('.toast', { hasText: `${classes + 1} classes were added` }).waitFor();
  await until('the next week is shown with them', () => titles(a), (seen) => seen.length === classes + 1 && seen.includes('Late Stretch'));
  await a.locator('.toast', { hasText: 'were added' }).getByRole('button', { name: 'Undo' }).click();
  await until('they are gone', () => cards(a).count(), (count) => count === 0);
});

step('what is in the way is left out, and told', async ({ stage: { a, classes } }) => {
  await a.locator('.bar [data-act=previous]').click();
  await until('this week is shown', () => cards(a).count(), (count) => count === classes);
  await panel(a).getByRole('button', { name: 'Apply…' }).click();
  const monday = /(\d{4}-\d\d-\d\d)$/.exec(a.url())[1];
  await dialog(a).getByLabel('From').fill(monday);
  await dialog(a).getByText(/are in the way/).waitFor();
  await picture(a, 'template-conflicts');
  await dialog(a).getByLabel('Where something is in the way').selectOption('fail');
  await until('the service says no', () => dialog(a).locator('.warned').first().innerText(), (text) => text.length > 0);
  await until('nothing can be applied', () => dialog(a).locator('button.primary').isDisabled(), (seen) => seen === true);
  await dialog(a).getByLabel('Where something is in the way').selectOption('skip');
  const run = dialog(a).locator('button.primary');
  await until('it can be applied', () => run.isEnabled(), (seen) => seen === true);
  await run.click();
  await dialog(a).locator('.preview.skipped li').first().waitFor();
  assert.match(await dialog(a).locator('.preview.skipped').innerText(), /Sunrise Yoga/);
  await accessible(a, 'the list of what was left out');
  await picture(a, 'template-skipped');
  await dialog(a).getByRole('button', { name: 'Close' }).first().click();
  await a.locator('#board').press('Escape');
});

step('the history tells who did what, and can be narrowed', async ({ browser, stage }) => {
  const b = stage.b = await person(browser, 'Kenji', { room: stage.room });
  stage.pages.push(b);
  await live(b);
  await b.locator('.bar > [data-act=history]').click();
  const list = b.locator('.history-list');
  await until('Mei’s lines', () => list.innerText(), (text) => /Mei Lin saved the template Spring week/.test(text) && /Mei Lin applied Spring week/.test(text));
  await accessible(b, 'the history');
  await picture(b, 'history');
  await card(b, 'Mat Pilates', 1).focus();
  await b.keyboard.press('Alt+ArrowDown');
  await until('Kenji’s own line', () => list.innerText(), (text) => /You moved Mat Pilates/.test(text));
  const all = await list.locator('li').count();
  await b.getByLabel('Person').selectOption({ label: 'You' });
  await until('only Kenji’s', () => list.locator('li').count(), (count) => count === 1 && count < all);
  await b.getByLabel('Person').selectOption({ label: 'everybody' });
  await list.getByRole('button', { name: 'Undo this' }).first().click();
  await until('it is undone', () => card(b, 'Mat Pilates', 1).getAttribute('aria-label'), (text) => /09:00–09:50/.test(text ?? ''));
});

step('the slider shows the timetable of another time, and an owner restores it', async ({ stage: { a, b } }) => {
  await card(a, 'Vinyasa Flow', 0).focus();
  await a.keyboard.press('Delete');
  await until('it is gone', () => card(b, 'Vinyasa Flow', 0).count(), (count) => count === 0);
  await menu(a, 'Travel in time');
  const slider = a.getByRole('slider', { name: 'Step of the timetable' });
  await slider.waitFor();
  await a.getByRole('button', { name: 'One step back' }).click();
  await until('it is there in the past', () => card(a, 'Vinyasa Flow', 0).count(), (count) => count === 1);
  assert.equal(await a.locator('#new-class').isVisible(), false);
  await accessible(a, 'time travel');
  await picture(a, 'time-travel');
  await slider.fill('0');
  await until('it began empty', () => cards(a).count(), (count) => count === 0);
  await a.getByRole('button', { name: 'Play' }).click();
  await until('it plays on', () => cards(a).count(), (count) => count > 10);
  await until('to the end', () => a.getByRole('button', { name: 'One step on' }).isDisabled(), (seen) => seen === true);
  await a.getByRole('button', { name: 'One step back' }).click();
  await until('one before the last', () => card(a, 'Vinyasa Flow', 0).count(), (count) => count === 1);
  await a.getByRole('button', { name: 'Restore this' }).click();
  await dialog(a).getByRole('button', { name: 'Restore this' }).click();
  await until('it is back for both', () => card(b, 'Vinyasa Flow', 0).count(), (count) => count === 1);
  await until('now is shown again', () => slider.count(), (count) => count === 0);
});

step('people are listed with what they look at', async ({ stage: { a, b } }) => {
  await b.locator('body').press('Escape');
  await card(b, 'Mat Pilates', 1).click();
  await a.locator('#avatars').click();
  await panel(a).getByText('2 people here').waitFor();
  await panel(a).getByText('looks at Mat Pilates').waitFor();
  await accessible(a, 'the people');
  await picture(a, 'people');
  await a.locator('body').press('Escape');
});

step('the calendar link can be copied, and the file downloaded', async ({ stage: { a } }) => {
  await menu(a, 'Calendar link…');
  const [download] = await Promise.all([a.waitForEvent('download'), dialog(a).getByRole('button', { name: 'Download as a file' }).click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), /BEGIN:VCALENDAR[^]*SUMMARY:/);
  await accessible(a, 'the calendar dialog');
  await picture(a, 'calendar-link');
  await a.keyboard.press('Escape');
});

step('the language and the theme change under an open board', async ({ stage: { a } }) => {
  await a.locator('.bar > [data-act=history]').click();
  await menu(a, 'Settings');
  await dialog(a).getByLabel('Language').selectOption('zh-Hant');
  await dialog(a).getByLabel('外觀').selectOption('dark');
  await dialog(a).getByRole('button', { name: '關閉' }).click();
  await until('the history speaks Chinese', () => panel(a).innerText(), (text) => /歷史紀錄/.test(text) && /你套用了/.test(text));
  await accessible(a, 'the dark board in Chinese');
  await picture(a, 'board-zh-dark');
});

step('it works on a phone', async ({ browser, stage }) => {
  const c = stage.c = await person(browser, 'Kenji', {
    room: stage.room, options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  stage.pages.push(c);
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
});

async function main() {
  mkdirSync(OUTPUT, { recursive: true });
  const browser = await launch();
  const stage = { pages: [] };
  let failed = false;
  for (const { name, run } of steps) {
    const began = Date.now();
    try {
      await run({ browser, stage });
      console.log(`ok      ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed = true;
      console.error(`FAILED  ${name}\n        ${error.stack}`);
      for (const key of ['a', 'b', 'c']) await (stage[key] && picture(stage[key], `failed-${key}`).catch(() => {}));
      break;
    }
  }
  const faults = stage.pages.flatMap(({ faults = [] }) => faults);
  for (const fault of faults) console.error(`FAILED  error in the page: ${fault}`);
  await browser.close();
  const bad = failed || faults.length > 0;
  console.log(bad ? `failed against ${BASE}` : `all ${steps.length} steps passed against ${BASE}`);
  return bad ? 1 : 0;
}

process.exit(await main());
