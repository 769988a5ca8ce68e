// People in front of real browsers: each has an own context, so an own sign-in.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export const BASE = process.env.BOARD_URL ?? 'http://127.0.0.1:3001/';

/** Starts Debian's chromium; `HOME` is a fresh directory so that nothing is left behind. */
export function launch() {
  const home = mkdtempSync(path.join(tmpdir(), 'kyo-browser-'));
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS,
    env: { ...process.env, HOME: home },
  });
}

/** Opens the board as a demo person, who works in `room` when it is given, reached at `base`. */
export async function person(browser, name, { room, base = BASE, options = {} } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 }, timezoneId: 'Asia/Taipei', locale: 'en-GB', reducedMotion: 'reduce', ...options,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`${name}: ${error.message}`));
  page.on('console', (message) => {
    if (/diverged|Content Security/.test(message.text())) page.faults.push(`${name}: ${message.text()}`);
  });
  await page.goto(room ? `${base}#/room/${room}` : `${base}#/rooms`);
  await page.locator('[data-person]').first().waitFor();
  await page.locator(`[data-person^="${name}"]`).click();
  return page;
}

/** Makes a demo studio and answers its room id. */
export async function demoStudio(page) {
  await page.getByRole('button', { name: 'Create a demo studio' }).click();
  await page.waitForURL(/#\/room\//);
  await live(page);
  return /#\/room\/([^/]+)/.exec(page.url())[1];
}

/** Waits until the board says that it is live and shows classes. */
export async function live(page) {
  await page.locator('#status.live').waitFor({ timeout: 15_000 });
  await page.locator('.card[data-course]').first().waitFor();
}

/** The card of a class by title, on a day (0 = Monday). */
export function card(page, title, day) {
  const scope = day === undefined ? page.locator('.days') : page.locator(`.day[data-day="${day}"]`);
  return scope.locator('.card[data-course]').filter({ has: page.locator('.card-title', { hasText: title }) });
}

/** The point of a column and an hour on the page. */
export async function point(page, day, hour) {
  return page.evaluate(([column, at]) => {
    const box = document.querySelector('.days').getBoundingClientRect();
    const first = Number.parseInt(document.querySelector('.gutter span').textContent, 10);
    const hours = document.querySelectorAll('.gutter span').length;
    return {
      x: box.left + (box.width * (column + 0.5)) / document.querySelectorAll('.day').length,
      y: box.top + (box.height * (at - first)) / hours,
    };
  }, [day, hour]);
}

/** Drags a card by its middle so that it starts at another day and hour; `pause` runs before the drop. */
export async function drag(page, locator, day, hour, pause = async () => {}) {
  const box = await locator.boundingBox();
  const target = await point(page, day, hour);
  await page.mouse.move(box.x + box.width / 2, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(target.x, target.y + 8, { steps: 14 });
  await pause();
  await page.mouse.up();
}
