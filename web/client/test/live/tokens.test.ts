// Tokens that end: renewed in time without a break, renewed once when it was too late, then signed out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Client } from '../../src/index.js';
import { course, enter } from '../support/people.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

let service: Service;
let roomId: string;
before(async () => {
  // Warned 4 s before the end, cut 1 s after it.
  service = await Service.start({
    KYO__REALTIME__TOKEN_WARNING_MS: '4000', KYO__REALTIME__TOKEN_GRACE_MS: '1000', KYO__AUTH__LEEWAY_SECONDS: '0',
  });
  roomId = await service.room(service.token({ user: 'owner', role: 'owner' }));
});
after(() => service.remove());

test('a token that is renewed in time keeps the session', async () => {
  let renewals = 0;
  const short = service.token({ user: 'ann', ttl: '6s' });
  const renew = () => {
    renewals += 1;
    return service.token({ user: 'ann', ttl: '1h' });
  };
  const states: string[] = [];
  const client = new Client({ url: service.socket(), token: short, renew, webSocket: WebSocket });
  client.on('state', (state) => states.push(state));
  const room = client.room(roomId);
  client.start();
  await until('in', () => room.joined);
  const session = client.welcome?.sessionId;
  await until('it renews', () => renewals > 0);
  // Past the end of the first token and its grace.
  await new Promise((resolve) => setTimeout(resolve, 8000));
  assert.ok(await room.apply({ kind: 'course_create', course: course('after', 1) }));
  assert.equal(client.welcome?.sessionId, session);
  assert.deepEqual(states, ['connecting', 'live']);
  assert.equal(renewals, 1);
  client.stop();
});

test('without another token the person is told, then signed out', async () => {
  const ann = await enter(service, roomId, { user: 'ann', ttl: '5s' });
  const told: string[] = [];
  ann.client.on('expiring', () => told.push('expiring'));
  ann.client.on('signed_out', () => told.push('signed_out'));
  await until('signed out', () => told.includes('signed_out'));
  assert.deepEqual(told, ['expiring', 'signed_out']);
  assert.equal(ann.client.state, 'stopped');
  const waiting = ann.room.apply({ kind: 'course_create', course: course('kept', 5) });
  ann.client.start(service.token({ user: 'ann' }));
  assert.ok(await waiting, 'a new token sends what waited');
  ann.client.stop();
});

test('a refused token is renewed once', async () => {
  let renewals = 0;
  const client = new Client({
    url: service.socket(), token: 'no.such.token', webSocket: WebSocket,
    renew: async () => {
      renewals += 1;
      return service.token({ user: 'ann' });
    },
  });
  client.start();
  await until('live', () => client.live);
  assert.equal(renewals, 1);
  client.stop();
});

test('a refusal of the renewed token, too, signs out', async () => {
  let renewals = 0;
  let out = false;
  const client = new Client({
    url: service.socket(), webSocket: WebSocket,
    token: () => {
      renewals += 1;
      return 'never.good.enough';
    },
  });
  client.on('signed_out', () => {
    out = true;
  });
  client.start();
  await until('signed out', () => out);
  assert.equal(renewals, 2);
  assert.equal(client.state, 'stopped');
});
