// Moments of an overview, places of addresses, troubles of answers, entries of the audit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merged } from '../src/model/entries.js';
import { momentOf } from '../src/model/moment.js';
import { placeOf, roomAddress, userAddress } from '../src/model/place.js';
import type { AuditEntry, Overview } from '../src/service/facts.js';
import { asTrouble, troubleOf } from '../src/service/trouble.js';

const overview = (samples: number): Overview => ({
  node: 'n', version: '1', phase: 'ready', now: '2026-11-28T16:00:00Z', uptimeMs: 1, mayActOnProcess: false,
  database: { state: 'up' }, bus: { state: 'alone', shards: 0, shardsUp: 0, canaryAgeMs: null, replicas: 1 },
  sessions: { total: 3, websocket: 2, socketio: 1, polling: 0 }, rooms: { active: 1, silent: 0 },
  operations: { since: '2026-11-28T15:00:00Z', outcomes: {}, ackMs: { p50: 0, p90: 0, p99: 0, samples } },
  queues: { operations: 4, late: 0, outboxFrames: 5, outboxBytes: 6, outboxFramesMax: 7 }, followers: 0,
});

test('percentiles of no commits are not zero', () => {
  assert.equal(momentOf(overview(0), null).p99, null);
  assert.equal(momentOf(overview(1), null).p99, 0);
});

test('addresses lead where they were made for', () => {
  assert.deepEqual([placeOf(roomAddress('a/b')).page, placeOf(roomAddress('a/b')).id], ['rooms', 'a/b']);
  assert.equal(placeOf(userAddress('mei & co')).query.get('user'), 'mei & co');
  for (const hash of ['', '#', '#/nowhere']) assert.equal(placeOf(hash).page, 'overview', hash);
  assert.equal(placeOf('#/rooms/%E0').id, '%E0');
});

test('an expired token, a forbidden role and a missing thing are told apart', () => {
  const kind = (code: string) => troubleOf(400, { error: { code, message: '' } }).kind;
  assert.equal(kind('token_expired'), 'expired');
  assert.equal(kind('unauthenticated'), 'expired');
  assert.equal(kind('forbidden'), 'forbidden');
  assert.equal(kind('not_found'), 'missing');
  assert.equal(kind('rate_limited'), 'refused');
});

test('a fault of the network, or of what is before the service, is no answer', () => {
  assert.equal(asTrouble(new TypeError('Failed to fetch')).kind, 'unreachable');
  assert.equal(troubleOf(502, null).kind, 'unreachable');
  assert.equal(troubleOf(404, null).kind, 'refused');
});

test('pages of the audit are put together without repeating an entry', () => {
  const entry = (id: number): AuditEntry => ({ id, at: '', operator: '', action: '', target: '', reason: '', node: '', outcome: 'done' });
  assert.deepEqual(merged([entry(3), entry(2)], [entry(4), entry(3), entry(1)]).map(({ id }) => id), [4, 3, 2, 1]);
});
