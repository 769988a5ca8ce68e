// The words for the connection never say better than it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speak } from '../src/language/index.js';
import { type Facts, describe } from '../src/panels/connection.js';

const facts: Facts = { state: 'live', joined: true, pending: 0, slow: false, retryAt: 0, reason: '', now: 1000 };
const said = (more: Partial<Facts>) => describe({ ...facts, ...more });
speak('en');

test('live is said only of a joined room without waiting changes', () => {
  assert.equal(said({}).text, 'Live');
  assert.equal(said({ joined: false }).text, 'Connecting');
  assert.equal(said({ pending: 2, slow: true }).text, 'Saving 2…');
});

test('a planned retry is counted down, and can be had at once', () => {
  const { banner, retry } = said({ state: 'waiting', pending: 1, retryAt: 3500 });
  assert.match(banner, /in 3 seconds.*1 change is kept/);
  assert.equal(retry, true);
});

test('unsent changes are counted wherever there is no link', () => {
  assert.equal(said({ state: 'offline', pending: 3 }).text, 'Offline · 3 unsent');
  assert.equal(said({ state: 'stopped', pending: 1, reason: 'too old' }).text, 'Disconnected · 1 unsent');
  assert.equal(said({ state: 'stopped', reason: 'too old' }).retry, false);
});

test('a node that goes away, and a service in trouble, are told apart from live', () => {
  assert.equal(said({ draining: true }).text, 'Moving');
  const degraded = said({ trouble: 'the database does not answer' });
  assert.equal(degraded.tone, 'waiting');
  assert.match(degraded.banner, /the database does not answer/);
});
