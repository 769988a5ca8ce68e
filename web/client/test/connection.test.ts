// A session through welcomes, closes, drains and silence, against a scripted peer.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { WebSocket } from 'ws';
import { Client } from '../src/index.js';
import { Peer } from './support/peer.js';
import { until } from './support/until.js';

let peer: Peer;
let client: Client;
beforeEach(async () => {
  peer = await Peer.listen();
  client = new Client({ url: peer.url, token: 't', webSocket: WebSocket });
});
afterEach(async () => {
  client.stop();
  await peer.end();
});

test('a restart is come back from', async () => {
  client.start();
  await until('live', () => client.live);
  peer.close(1012);
  await until('live again', () => client.live && peer.connections === 2);
});

test('what can not heal is not tried again', async () => {
  client.start();
  await until('live', () => client.live);
  peer.close(4400);
  await until('stopped', () => client.state === 'stopped');
  client.retryNow();
  assert.equal(client.state, 'stopped');
  assert.equal(client.retryAt, 0);
});

test('a close for haste waits at least as long as the error before it asked', async () => {
  client.start();
  await until('live', () => client.live);
  peer.push({ type: 'error', code: 'rate_limited', message: 'too many', retryable: true, retryAfterMs: 60_000 });
  peer.close(4029);
  await until('waiting', () => client.state === 'waiting');
  assert.ok(client.retryAt - Date.now() > 50_000);
  assert.equal(client.reason, 'too many');
});

test('a drain is left at its own moment, not later than the deadline', async () => {
  client.start();
  await until('live', () => client.live);
  let told = 0;
  client.on('draining', () => {
    told += 1;
  });
  peer.push({ type: 'draining', reconnectAfterMs: 600_000, deadlineMs: 50 });
  await until('a new session', () => client.live && peer.connections === 2);
  assert.equal(told, 1);
});

test('requests under way end with the link; what a newer service says is passed over', async () => {
  peer.on('history', () => {});
  client.start();
  await until('live', () => client.live);
  peer.push({ type: 'something_new', of: 'tomorrow' });
  const asked = client.request('history', { room: 'r' });
  peer.close(1001);
  await assert.rejects(asked, { code: 'disconnected' });
  await assert.rejects(client.request('history', { room: 'r' }), { code: 'disconnected' });
});

test('a token source that can not be asked now is asked again; one that has none signs out', async () => {
  let asked = 0;
  const away = new Client({
    url: peer.url, webSocket: WebSocket,
    token: () => {
      asked += 1;
      if (asked === 1) throw new Error('no network');
      return asked === 2 ? 't' : null;
    },
  });
  let out = 0;
  away.on('signed_out', () => {
    out += 1;
  });
  away.start();
  await until('live', () => away.live);
  assert.equal(out, 0);
  peer.close(4001);
  await until('signed out', () => out === 1);
  assert.equal(asked, 3);
});
