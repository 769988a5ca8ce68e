// A phone: one day at a time, fingers, the panel as a sheet.

import assert from 'node:assert/strict';
import { card, live, person, point } from '../people.mjs';
import { accessible, label, picture, until } from '../stage.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const shown = (page) => page.locator('.day').count();

/** What a finger does, straight through the browser: down, along some points, up. */
async function finger(page, points, { holdMs = 0 } = {}) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, at) => session.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
  await touch('touchStart', points[0]);
  if (holdMs) await page.waitForTimeout(holdMs); // holding still is the gesture
  for (const at of points.slice(1)) await touch('touchMove', at);
  await touch('touchEnd');
  await session.detach();
}

const between = (from, to, steps = 8) => Array.from({ length: steps + 1 }, (_, index) => ({
  x: from.x + ((to.x - from.x) * index) / steps, y: from.y + ((to.y - from.y) * index) / steps,
}));

export const phone = [
  {
    name: 'a member only looks, one day at a time',
    run: async (stage) => {
      stage.c = await person(stage.browser, 'Amir', { room: stage.room, options: PHONE });
      await stage.c.locator('#status.live').waitFor();
      await until('one day', () => shown(stage.c), (count) => count === 1);
      assert.equal(await stage.c.locator('#new-class').isVisible(), false);
      await stage.c.locator('#day-strip button').nth(4).click();
      await live(stage.c);
      await picture(stage.c, 'phone');
      await accessible(stage.c, 'the phone');
      await card(stage.c, 'Handstand Workshop').click();
      assert.equal(await stage.c.locator('#panel').getByLabel('Title').isDisabled(), true);
      await picture(stage.c, 'phone-class');
      await stage.c.locator('#panel').getByRole('button', { name: 'Close' }).click();
    },
  },
  {
    name: 'a finger that goes sideways turns to the next day',
    run: async ({ c }) => {
      await finger(c, between({ x: 330, y: 420 }, { x: 90, y: 430 }));
      await until('Saturday', () => c.locator('.day').getAttribute('aria-label'), (seen) => /Saturday/.test(seen ?? ''));
    },
  },
  {
    name: 'a held class is dragged by a finger, and seen by the others',
    run: async (stage) => {
      stage.d = await person(stage.browser, 'Kenji', { room: stage.room, options: PHONE });
      await stage.d.locator('#status.live').waitFor();
      await stage.d.locator('#day-strip button').nth(5).click();
      // At the edge, which makes the day scroll for whoever goes towards it, and not for a class that is taken there.
      await card(stage.d, 'Mat Pilates').evaluate((element) => element.scrollIntoView({ block: 'start' }));
      const box = await card(stage.d, 'Mat Pilates').boundingBox();
      const from = { x: box.x + box.width / 2, y: box.y + 10 };
      const later = (await point(stage.d, 0, 11)).y - (await point(stage.d, 0, 10)).y;
      await finger(stage.d, between(from, { x: from.x, y: from.y + later }), { holdMs: 600 });
      await until('it is an hour later', () => label(card(stage.b, 'Mat Pilates', 5)), (seen) => /11:30–12:20/.test(seen ?? ''));
      await card(stage.d, 'Mat Pilates').tap();
      await stage.d.locator('#panel').getByLabel('Title').waitFor();
      assert.equal(await stage.d.locator('#panel select:focus').count(), 0, 'the tap must not reach the sheet that it opens');
      await picture(stage.d, 'phone-edit');
      await accessible(stage.d, 'the panel on a phone');
    },
  },
];
