// Operators in front of the console, and tokens that the service's own command makes.

import { execFileSync } from 'node:child_process';
import { BIN } from './service.mjs';

/** A token of the running service's keys. */
export function token(service, { tenant = 'demo', user = 'otto', role = 'operator', ttl = '1h' } = {}) {
  const environment = { ...process.env, APP_ENV: 'development', DATABASE_URL: `sqlite://${service.data}/kyo.db`, ...service.environment };
  return execFileSync(BIN, ['token', '--tenant', tenant, '--user', user, '--role', role, '--ttl', ttl], {
    cwd: service.data, env: environment, encoding: 'utf8',
  }).trim();
}

/** The console in a browser of its own, before anybody signed in. */
export async function consolePage(browser, base, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 }, timezoneId: 'Asia/Taipei', locale: 'en-GB', reducedMotion: 'reduce', ...options,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`console: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security/.test(message.text())) page.faults.push(`console: ${message.text()}`);
  });
  await page.goto(`${base}console`);
  return page;
}

/** Signs in as the demo operator. */
export async function signedIn(page) {
  await page.locator('[data-operator]').first().click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Signs in by a pasted token, or tries to. */
export async function paste(page, text) {
  const fold = page.locator('details.fold:not([open]) summary');
  await page.locator('[data-operator]').first().waitFor();
  if (await fold.count()) await fold.click();
  await page.getByLabel('Operator token').fill(text);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Goes to a page by the navigation. */
export const go = (page, name) => page.getByRole('navigation').getByRole('link', { name }).click();
