// What every run of browser steps needs: waiting for conditions, pictures, axe, and playing steps in
// order until one fails.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BASE, launch } from './people.mjs';

const OUTPUT = fileURLToPath(new URL('../../test-output/', import.meta.url));
const AXE = readFileSync(new URL('../../web/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const PATIENCE_MS = 20_000;

/** Keeps a picture of a page in test-output/. */
export const picture = (page, name) => page.screenshot({ path: path.join(OUTPUT, `${name}.png`) });

/** What a screen reader is told of an element. */
export const label = (locator) => locator.getAttribute('aria-label');

/** Waits until `read` answers something that `holds` accepts; tells what it saw last when it does not. */
export async function until(what, read, holds, ms = PATIENCE_MS) {
  const end = Date.now() + ms;
  let seen;
  do {
    seen = await read().catch((error) => error.message);
    if (holds(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < end);
  throw new assert.AssertionError({ message: `${what}; last seen: ${JSON.stringify(seen)}` });
}

/** Fails on anything that axe finds serious. The source is evaluated: the page's policy allows no script of ours. */
export async function accessible(page, what) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`);
  });
  assert.deepEqual(found, [], `axe on ${what}`);
}

/**
 * Plays steps in order on one stage: pages under the keys `a` to `z` are pictured when a step fails, and
 * an error in any of them fails the run. Answers the exit code.
 */
export async function play(steps) {
  mkdirSync(OUTPUT, { recursive: true });
  const stage = { browser: await launch(), ending: [] };
  const pages = () => Object.entries(stage).filter(([key]) => /^[a-z]$/.test(key));
  let failed = false;
  for (const { name, run } of steps) {
    const began = Date.now();
    try {
      await run(stage);
      console.log(`ok      ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed = true;
      console.error(`FAILED  ${name}\n        ${error.stack}`);
      for (const [key, page] of pages()) await picture(page, `failed-${key}`).catch(() => {});
      break;
    }
  }
  const faults = pages().flatMap(([, page]) => page.faults ?? []);
  for (const fault of faults) console.error(`FAILED  error in the page: ${fault}`);
  await stage.browser.close();
  for (const end of stage.ending) await end();
  const bad = failed || faults.length > 0;
  console.log(bad ? `failed against ${BASE}` : `all ${steps.length} steps passed against ${BASE}`);
  return bad ? 1 : 0;
}
