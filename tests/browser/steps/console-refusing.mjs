// What the console says when it may not or can't: another role, another tenant, an old token, no service.

import assert from 'node:assert/strict';
import { consolePage, go, paste, token } from '../operators.mjs';
import { accessible, picture, until } from '../stage.mjs';

const problem = (page) => page.getByRole('alert').first();

export const refusing = [
  {
    name: 'a manager is told no, and so is what is no token',
    run: async (stage) => {
      const m = stage.m = await consolePage(stage.browser, stage.service.address);
      await paste(m, 'hello');
      await until('it is no token', () => problem(m).innerText(), (text) => /not a token/.test(text));
      await paste(m, token(stage.service, { user: 'kenji', role: 'manager' }));
      await until('not as a manager', () => problem(m).innerText(), (text) => /manager: only operators/.test(text));
      await accessible(m, 'a refusal at the door');
      await picture(m, 'console-forbidden');
      await paste(m, `${token(stage.service).slice(0, -4)}AAAA`);
      await until('not its own', () => problem(m).innerText(), (text) => /does not accept/.test(text));
    },
  },
  {
    name: 'another tenant’s operator sees nothing of this one, and why the process is not theirs',
    run: async ({ m, service, room }) => {
      await paste(m, token(service, { tenant: 'other' }));
      await m.getByRole('heading', { name: 'Overview' }).waitFor();
      await go(m, 'Rooms');
      await m.getByText('No room is in memory').waitFor();
      await m.goto(`${service.address}console#/rooms/${room}`);
      await m.getByText('This room is not in memory').waitFor();
      await go(m, 'Process');
      await m.getByText('yours is other').waitFor();
      await picture(m, 'console-not-yours');
    },
  },
  {
    name: 'a token that ends leads back to the door, with the reason',
    run: async ({ m, service }) => {
      await m.getByRole('button', { name: 'Sign out' }).click();
      await paste(m, token(service, { ttl: '4s' }));
      await m.getByText(/token ends in/i).waitFor();
      await m.getByText('not valid any more').waitFor({ timeout: 120_000 });
    },
  },
  {
    name: 'a drained service is said to be away, and is back when it is back',
    run: async ({ o, service }) => {
      await go(o, 'Process');
      await o.getByRole('button', { name: 'Drain this replica…' }).click();
      const dialog = o.locator('dialog[open]');
      await dialog.getByLabel('Reason').fill('a new version');
      await picture(o, 'console-drain');
      await dialog.getByRole('button', { name: 'Drain it' }).click();
      await go(o, 'Overview');
      await o.getByText('No answer since').waitFor();
      await accessible(o, 'a console without a service');
      await picture(o, 'console-silent');
      await service.stop();
      await service.start();
      await o.getByText('No answer since').waitFor({ state: 'detached' });
      await o.getByText('Another replica answers').waitFor();
      await go(o, 'Audit');
      await o.getByRole('region', { name: 'Audit' }).getByText('a new version').waitFor();
    },
  },
  {
    name: 'what was followed is forgotten at sign-out: the next operator may be another tenant’s',
    run: async ({ o, service }) => {
      await go(o, 'Follow');
      await o.locator('.seen li').first().waitFor();
      await o.getByRole('button', { name: 'Sign out' }).click();
      await paste(o, token(service, { tenant: 'other' }));
      await o.locator('.follow-state').getByText('Nobody is followed.').waitFor();
      assert.equal(await o.locator('.seen').count(), 0);
    },
  },
];
