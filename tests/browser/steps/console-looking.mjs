// An operator looks: numbers, rooms, sessions, and a room that is followed while somebody edits it.

import assert from 'node:assert/strict';
import { consolePage, go, signedIn } from '../operators.mjs';
import { card, demoStudio, drag, live, person } from '../people.mjs';
import { Service } from '../service.mjs';
import { accessible, picture, until } from '../stage.mjs';

export const looking = [
  {
    name: 'two people are on a board, and an operator signs in',
    run: async (stage) => {
      stage.service = await Service.begin({ KYO__OPERATOR__TENANT: 'demo' });
      stage.ending.push(() => stage.service.end());
      const base = stage.service.address;
      stage.a = await person(stage.browser, 'Mei', { base });
      stage.room = await demoStudio(stage.a);
      stage.b = await person(stage.browser, 'Kenji', { base, room: stage.room });
      await live(stage.b);
      stage.o = await consolePage(stage.browser, base);
      await stage.o.locator('[data-operator]').first().waitFor();
      await accessible(stage.o, 'the door');
      await picture(stage.o, 'console-door');
      await signedIn(stage.o);
    },
  },
  {
    name: 'the overview counts their connections and operations',
    run: async ({ o }) => {
      await until('two sessions', () => o.locator('.fact', { hasText: 'Sessions' }).locator('dd').first().innerText(), (text) => text === '2');
      await until('two by WebSocket', () => o.locator('.chart', { hasText: 'Connections' }).innerText(), (text) => /WebSocket 2/.test(text));
      await o.locator('.outcomes li', { hasText: 'committed' }).waitFor();
      await accessible(o, 'the overview');
    },
  },
  {
    name: 'the room is in the list, can be searched for, and the list be sorted by keys',
    run: async ({ o, room }) => {
      await go(o, 'Rooms');
      const row = o.locator(`tr[data-row="${room}"]`);
      await row.waitFor();
      await o.getByLabel('Search rooms').fill('nowhere');
      await o.getByText('No room has “nowhere”').waitFor();
      await o.getByLabel('Search rooms').fill(room.slice(-8));
      await row.waitFor();
      const head = o.getByRole('columnheader', { name: 'Queue' });
      await head.getByRole('button').focus();
      await o.keyboard.press('Enter');
      await until('it is sorted by queue', () => head.getAttribute('aria-sort'), (seen) => seen === 'descending');
      await accessible(o, 'the rooms');
      await picture(o, 'console-rooms');
      await row.getByRole('link').click();
    },
  },
  {
    name: 'the room tells who is in it and what was done last',
    run: async ({ o }) => {
      const members = o.getByRole('region', { name: 'People' });
      await until('both are there', () => members.innerText(), (text) => /Mei Lin/.test(text) && /Kenji/.test(text));
      await o.getByRole('region', { name: 'Last operations' }).getByText('committed').first().waitFor();
      await accessible(o, 'a room');
      await picture(o, 'console-room');
    },
  },
  {
    name: 'the room is followed while Mei edits',
    run: async ({ a, o }) => {
      await o.getByRole('button', { name: 'Follow' }).click();
      await o.locator('.follow-state').getByText('Live').waitFor();
      assert.equal(await o.locator('.whom select').inputValue(), 'room', 'the form says that it is a room');
      await drag(a, card(a, 'Lift Basics', 1), 1, 12.25);
      const line = o.locator('.seen li', { hasText: 'committed' }).first();
      await line.waitFor();
      assert.match(await line.innerText(), /mei/);
      await accessible(o, 'a followed room');
      await picture(o, 'console-follow');
    },
  },
  {
    name: 'a paused list stands still and says how much is new',
    run: async ({ a, o }) => {
      await o.getByRole('button', { name: 'Pause' }).click();
      const before = await o.locator('.seen li').count();
      await a.getByRole('button', { name: 'Undo', exact: true }).click();
      await until('something is new', () => o.locator('.follow-state').innerText(), (text) => /Paused, [1-9]/.test(text));
      assert.equal(await o.locator('.seen li').count(), before);
      await o.getByRole('button', { name: 'Resume' }).click();
      await until('it is shown', () => o.locator('.seen li').count(), (count) => count > before);
    },
  },
];
