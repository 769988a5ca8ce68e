// An operator acts: ends a connection, changes the log filter, and finds both in the audit.

import assert from 'node:assert/strict';
import { consolePage, go, signedIn } from '../operators.mjs';
import { accessible, picture, until } from '../stage.mjs';

const question = (page) => page.locator('dialog[open]');

export const acting = [
  {
    name: 'a disconnect wants a reason, and Kenji’s board comes back',
    run: async ({ b, o }) => {
      await b.evaluate(() => {
        globalThis.statusSeen = [];
        const status = document.getElementById('status');
        new MutationObserver(() => globalThis.statusSeen.push(status.className)).observe(status, { attributes: true });
      });
      await go(o, 'Sessions');
      await o.getByLabel('Search people').fill('kenji');
      await until('Kenji alone', () => o.locator('tbody tr').allInnerTexts(), (rows) => rows.length === 1 && /Kenji/.test(rows[0]));
      await picture(o, 'console-sessions');
      await accessible(o, 'the sessions');
      const before = await o.locator('tbody tr').getAttribute('data-row');
      await o.getByRole('button', { name: 'Disconnect Kenji' }).click();
      await question(o).getByRole('button', { name: 'Disconnect' }).click();
      await question(o).getByText('Say why').waitFor();
      await question(o).getByLabel('Reason').fill('left open at the desk');
      await accessible(o, 'the question');
      await picture(o, 'console-disconnect');
      await question(o).getByRole('button', { name: 'Disconnect' }).click();
      await o.getByText('Kenji was disconnected.').waitFor();
      await until('the board said that it was cut', () => b.evaluate(() => globalThis.statusSeen.join(' ')), (seen) => /waiting|connecting|offline/.test(seen));
      await b.locator('#status.live').waitFor();
      await until('another session', () => o.locator('tbody tr').evaluateAll((all) => all.map((one) => one.dataset.row)), (ids) => ids.length === 1 && ids[0] !== before);
    },
  },
  {
    name: 'Escape takes a question back',
    run: async ({ o }) => {
      await o.getByRole('button', { name: 'Disconnect Kenji' }).click();
      await o.keyboard.press('Escape');
      await question(o).waitFor({ state: 'detached' });
      assert.equal(await o.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Disconnect Kenji');
    },
  },
  {
    name: 'the log filter is changed for some minutes; one that can’t be read is refused where it was written',
    run: async ({ o }) => {
      await go(o, 'Process');
      const change = async (filter) => {
        await o.getByLabel('New filter').fill(filter);
        await o.getByRole('button', { name: 'Change…' }).click();
        await question(o).getByLabel('Reason').fill('looking for a slow room');
        await question(o).getByRole('button', { name: 'Change the filter' }).click();
      };
      await change('info,,=nonsense=');
      await question(o).getByText('Not done:').waitFor();
      await o.keyboard.press('Escape');
      await change('info,kyo_collaboration=debug');
      await until('it holds', () => o.locator('[data-filter]').innerText(), (text) => text === 'info,kyo_collaboration=debug');
      await o.getByText(/until \d\d:\d\d/).first().waitFor();
      await accessible(o, 'the process');
      await picture(o, 'console-process');
    },
  },
  {
    name: 'the audit has all of it',
    run: async ({ o }) => {
      await go(o, 'Audit');
      const audit = o.getByRole('region', { name: 'Audit' });
      await until('three actions', () => audit.innerText(), (text) => /follow/.test(text) && /disconnect[^]*left open at the desk/.test(text) && /log filter[^]*looking for a slow room/.test(text));
      await accessible(o, 'the audit');
      await picture(o, 'console-audit');
    },
  },
  {
    name: 'the overview drew what happened',
    run: async ({ o }) => {
      await go(o, 'Overview');
      await o.locator('.plot canvas').first().waitFor();
      await picture(o, 'console-overview');
      await o.getByLabel('Language').selectOption('zh-Hant');
      await o.getByLabel('外觀').selectOption('dark');
      await o.getByRole('heading', { name: '總覽' }).waitFor();
      await accessible(o, 'the dark overview in Chinese');
      await picture(o, 'console-overview-zh-dark');
      await o.getByLabel('語言').selectOption('en');
      await o.getByLabel('Appearance').selectOption('light');
    },
  },
  {
    name: 'whom an operator sends away stays away, and his board says so',
    run: async ({ b, o, room }) => {
      await go(o, 'Rooms');
      await o.locator(`tr[data-row="${room}"]`).getByRole('link').click();
      await o.getByRole('button', { name: 'Disconnect Kenji' }).click();
      await question(o).getByLabel('Reason').fill('lost tablet');
      await question(o).getByLabel('The client may come back').uncheck();
      await question(o).getByRole('button', { name: 'Disconnect' }).click();
      await b.locator('#banner').getByText('The service ended the connection').waitFor();
      await until('he is gone', () => o.getByRole('region', { name: 'People' }).innerText(), (text) => !/Kenji/.test(text));
    },
  },
  {
    name: 'it fits a phone',
    run: async (stage) => {
      const p = stage.p = await consolePage(stage.browser, stage.service.address, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      await signedIn(p);
      await picture(p, 'console-phone-overview');
      for (const name of ['Rooms', 'Sessions', 'Audit']) {
        await go(p, name);
        await p.getByRole('region', { name }).waitFor();
        const [inside, window] = await p.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(inside <= window, `${name} is ${inside} wide on ${window}`);
        await accessible(p, `${name} on a phone`);
        await picture(p, `console-phone-${name.toLowerCase()}`);
      }
    },
  },
];
