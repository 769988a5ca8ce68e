// Takes the README's picture (docs/images/board.png) of a running development service: a populated
// week at 1440×900 with two colleagues' pointers. BOARD_URL says where the service is.
// Needs scripts/setup-browser.sh once.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { card, demoStudio, launch, live, person, point } from '../tests/browser/people.mjs';

const FILE = process.argv[2] ?? fileURLToPath(new URL('../docs/images/board.png', import.meta.url));

async function rest(page, day, hour) {
  const { x, y } = await point(page, day, hour);
  await page.mouse.move(x - 60, y - 30);
  await page.mouse.move(x, y, { steps: 8 });
}

const browser = await launch();
try {
  const mei = await person(browser, 'Mei');
  const room = await demoStudio(mei);
  const kenji = await person(browser, 'Kenji', { room });
  const sofia = await person(browser, 'Sofia', { room });
  await Promise.all([live(kenji), live(sofia)]);
  await card(kenji, 'Boxing Foundations', 5).click();
  await rest(kenji, 5, 13.2);
  await rest(sofia, 3, 15.1);
  await mei.mouse.move(760, 26); // nothing of hers under the pointer
  await mei.locator('.cursor', { hasText: 'Kenji' }).waitFor();
  await mei.locator('.cursor', { hasText: 'Sofia' }).waitFor();
  await mei.locator('.card.watched').waitFor();
  await mei.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
  await mei.waitForTimeout(600); // pointers glide to where they rest
  mkdirSync(path.dirname(FILE), { recursive: true });
  await mei.screenshot({ path: FILE });
  console.log(`wrote ${FILE}`);
} finally {
  await browser.close();
}
