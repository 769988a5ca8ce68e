// Two people edit one timetable in real browsers, against a running development service.
// BOARD_URL says where (http://127.0.0.1:3001/ when absent). Pictures go to test-output/.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cable } from './cable.mjs';
import { BASE, card, demoStudio, drag, launch, live, person, point } from './people.mjs';

const OUTPUT = fileURLToPath(new URL('../../test-output/', import.meta.url));
const picture = (page, name) => page.screenshot({ path: path.join(OUTPUT, `${name}.png`) });
const label = (locator) => locator.getAttribute('aria-label');

/** Waits until `read` answers something that `holds` accepts; tells what it saw last when it does not. */
async function until(what, read, holds, ms = 8000) {
  const end = Date.now() + ms;
  let seen;
  do {
    seen = await read().catch((error) => error.message);
    if (holds(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < end);
  throw new assert.AssertionError({ message: `${what}; last seen: ${JSON.stringify(seen)}` });
}

const steps = [];
const step = (name, run) => steps.push({ name, run });

step('a demo studio is made and both see it', async (stage) => {
  stage.cable = await Cable.lay(BASE);
  stage.a = await person(stage.browser, 'Mei', { base: stage.cable.address });
  await picture(stage.a, 'rooms');
  stage.room = await demoStudio(stage.a);
  stage.b = await person(stage.browser, 'Kenji', { room: stage.room });
  await live(stage.b);
  const count = (page) => page.locator('.card[data-course]').count();
  await until('both show the same classes', async () => [await count(stage.a), await count(stage.b)], ([a, b]) => a === b && a > 30);
  await until('both see two people', () => stage.b.locator('#avatars .avatar-place').count(), (n) => n === 2);
});

step('a class made by one appears at the other', async ({ a, b }) => {
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
});

step('a drag moves it at both, and is locked meanwhile', async ({ a, b }) => {
  await drag(a, card(a, 'Handstand Clinic'), 4, 14.5, async () => {
    await until('Kenji sees who holds it', () => label(card(b, 'Handstand Clinic')), (seen) => /Mei Lin is moving it/.test(seen ?? ''));
    await picture(b, 'locked');
  });
  for (const page of [a, b]) {
    await until('it is on Friday at 14:30', () => label(card(page, 'Handstand Clinic', 4)), (seen) => /14:30–15:30/.test(seen ?? ''));
  }
  await until('the lock is gone', () => label(card(b, 'Handstand Clinic')), (seen) => !/is moving it/.test(seen ?? 'is moving it'));
});

step('the bottom edge makes it longer', async ({ b, a }) => {
  const box = await card(b, 'Handstand Clinic').boundingBox();
  const end = await point(b, 4, 16);
  await b.mouse.move(box.x + box.width / 2, box.y + box.height - 2);
  await b.mouse.down();
  await b.mouse.move(box.x + box.width / 2, end.y, { steps: 8 });
  await b.mouse.up();
  await until('it ends at 16:00', () => label(card(a, 'Handstand Clinic')), (seen) => /14:30–16:00/.test(seen ?? ''));
});

step('a double booking is explained while dragging and after', async ({ a, b }) => {
  const before = await label(card(a, 'Mat Pilates', 1));
  await drag(a, card(a, 'Mat Pilates', 1), 0, 9.5, async () => {
    await until('the ghost says why', () => a.locator('.bubble.refused').innerText(), (seen) => /Priya Nair already teaches “Reformer Pilates”/.test(seen ?? ''));
    await picture(a, 'refused-ghost');
  });
  const toast = a.locator('.toast.error');
  await toast.waitFor();
  assert.match(await toast.innerText(), /Priya Nair already teaches “Reformer Pilates” 09:30–10:25/);
  await picture(a, 'refused');
  for (const page of [a, b]) {
    await until('the class stayed', () => label(card(page, 'Mat Pilates', 1)), (seen) => seen === before);
  }
});

step('a suggestion resolves it', async ({ a, b }) => {
  const suggestion = a.locator('.toast.error .chip.strong').first();
  const words = await suggestion.innerText();
  await suggestion.click();
  const span = /\d\d:\d\d–\d\d:\d\d/.exec(words)[0];
  const mats = card(b, 'Mat Pilates');
  await until(`a Mat Pilates at ${span}`, () => mats.evaluateAll((all) => all.map((one) => one.ariaLabel)), (all) => all.some?.((one) => one.includes(span)));
});

step('an owner may book anyway, with a reason that everybody can read', async ({ a, b }) => {
  await drag(a, card(a, 'Lift Basics', 1), 1, 12.25);
  await until('it moved freely', () => label(card(b, 'Lift Basics', 1)), (seen) => /12:15–13:15/.test(seen ?? ''));
  await drag(a, card(a, 'Boxing Foundations', 1), 1, 19.5);
  await a.getByRole('button', { name: 'Book anyway…' }).click();
  await a.getByLabel('Reason for booking anyway').fill('Open day');
  await a.getByRole('button', { name: 'Book anyway', exact: true }).click();
  await until('both classes carry the conflict', () => label(card(b, 'Boxing Foundations', 1)), (seen) => /19:30–20:30.*Conflict: .*Yin & Breath/.test(seen ?? ''));
  await card(b, 'Boxing Foundations', 1).click();
  await b.locator('.standing p').first().waitFor();
  await picture(b, 'conflict');
  await b.locator('#panel').getByRole('button', { name: 'Close' }).click();
  await b.getByRole('button', { name: 'History' }).click();
  await b.locator('.history-list .warned', { hasText: 'Open day' }).waitFor();
  await b.locator('body').press('Escape');
  await a.getByRole('button', { name: 'Undo', exact: true }).click();
  await a.getByRole('button', { name: 'Undo', exact: true }).click();
  await until('it went back', () => label(card(b, 'Boxing Foundations', 1)), (seen) => /18:00–19:00/.test(seen ?? ''));
  await until('so did the other', () => label(card(b, 'Lift Basics', 1)), (seen) => /07:00–08:00/.test(seen ?? ''));
});

step('undo brings it back for both', async ({ a, b }) => {
  await a.locator('body').press('Control+z');
  for (const page of [a, b]) {
    await until('it is on Tuesday at 09:00 again', () => label(card(page, 'Mat Pilates', 1)), (seen) => /09:00–09:50/.test(seen ?? ''));
  }
});

step('redo does it again, and undo once more', async ({ a, b }) => {
  await a.getByRole('button', { name: 'Redo' }).click();
  await until('it has left Tuesday', () => card(b, 'Mat Pilates', 1).count(), (count) => count === 0);
  await a.getByRole('button', { name: 'Undo', exact: true }).click();
  await until('it is back', () => card(b, 'Mat Pilates', 1).count(), (count) => count === 1);
});

step('an edit in the panel reaches the other, and the selection shows', async ({ a, b }) => {
  await card(b, 'Handstand Clinic').click();
  await until('Mei sees what Kenji looks at', () => card(a, 'Handstand Clinic').getAttribute('class'), (seen) => /watched/.test(seen ?? ''));
  await b.locator('#panel').getByLabel('Title').fill('Handstand Workshop');
  await b.locator('#panel').getByLabel('Places').fill('10');
  await b.getByRole('button', { name: 'Save' }).click();
  await until('Mei sees the new title', () => card(a, 'Handstand Workshop').count(), (count) => count === 1);
});

step('pointers are seen', async ({ a, b }) => {
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
});

step('the history tells who did what', async ({ b }) => {
  await b.getByRole('button', { name: 'History' }).click();
  const list = b.locator('.history-list');
  await until('Mei’s and Kenji’s lines', () => list.innerText(), (text) => /Mei Lin[^]*moved[^]*Mat Pilates/.test(text) && /You changed Handstand Workshop/.test(text));
  await picture(b, 'history');
  await b.locator('body').press('Escape');
});

step('deleting can be undone from the message', async ({ a, b }) => {
  await card(a, 'Handstand Workshop').focus();
  await a.keyboard.press('Delete');
  await until('it is gone', () => card(b, 'Handstand Workshop').count(), (count) => count === 0);
  await a.locator('.toast', { hasText: 'Removed' }).getByRole('button', { name: 'Undo', exact: true }).click();
  await until('it is back', () => card(b, 'Handstand Workshop').count(), (count) => count === 1);
});

step('work done without a network is kept, said, and sent', async ({ a, b, cable }) => {
  cable.pull();
  await until('Mei’s board says that it is not live', () => a.locator('#status').getAttribute('class'), (seen) => /waiting|offline/.test(seen ?? ''));
  await card(a, 'Handstand Workshop').focus();
  await a.keyboard.press('Alt+ArrowDown');
  await until('it says what is unsent', () => a.locator('#status').innerText(), (text) => /1 unsent/.test(text ?? ''));
  await b.locator('body').press('Escape');
  await drag(b, card(b, 'Boxing Foundations', 5), 5, 13);
  await picture(a, 'offline');
  cable.plug();
  await until('it is sent', () => label(card(b, 'Handstand Workshop')), (seen) => /14:45–16:15/.test(seen ?? ''), 30_000);
  await a.locator('#status.live').waitFor();
  await until('and Mei sees what Kenji did', () => label(card(a, 'Boxing Foundations', 5)), (seen) => /13:00–14:00/.test(seen ?? ''));
});

step('a reload keeps everything', async ({ a }) => {
  const cards = () => a.locator('.card[data-course]').evaluateAll((all) => all.map((one) => one.ariaLabel).sort());
  const before = await cards();
  await a.reload();
  await live(a);
  await until('the same classes', cards, (now) => JSON.stringify(now) === JSON.stringify(before));
});

step('an empty timetable can be begun', async (stage) => {
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
  await until('it is there', () => label(card(d, 'First class', 2)), (seen) => /10:00–11:00, Rita Alves/.test(seen ?? ''));
  await picture(d, 'first-class');
});

step('a member only looks', async (stage) => {
  stage.c = await person(stage.browser, 'Amir', { room: stage.room, options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  await live(stage.c);
  assert.equal(await stage.c.locator('#new-class').isVisible(), false);
  await picture(stage.c, 'phone');
  await card(stage.c, 'Handstand Workshop').click();
  assert.equal(await stage.c.locator('#panel').getByLabel('Title').isDisabled(), true);
  await picture(stage.c, 'phone-class');
});

step('dark is readable', async (stage) => {
  await stage.b.emulateMedia({ colorScheme: 'dark' });
  await picture(stage.b, 'dark');
});

async function main() {
  mkdirSync(OUTPUT, { recursive: true });
  const stage = { browser: await launch() };
  let failed = 0;
  for (const { name, run } of steps) {
    const began = Date.now();
    try {
      await run(stage);
      console.log(`ok      ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed = 1;
      console.error(`FAILED  ${name}\n        ${error.stack}`);
      for (const key of ['a', 'b', 'c', 'd']) await stage[key] && await picture(stage[key], `failed-${key}`).catch(() => {});
      break;
    }
  }
  const faults = ['a', 'b', 'c', 'd'].flatMap((key) => stage[key]?.faults ?? []);
  for (const fault of faults) console.error(`FAILED  error in the page: ${fault}`);
  await stage.browser.close();
  stage.cable?.remove();
  console.log(failed || faults.length ? `failed against ${BASE}` : `all ${steps.length} steps passed against ${BASE}`);
  return failed || faults.length ? 1 : 0;
}

process.exit(await main());
