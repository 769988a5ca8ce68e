// When to try again, and whether at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterClose, delay } from '../src/backoff.js';

test('the wait is anything from nothing to a ceiling that doubles and is bounded', () => {
  assert.equal(delay(0, () => 0), 0);
  assert.equal(delay(5, () => 0), 0);
  assert.deepEqual([0, 1, 2, 3].map((attempt) => delay(attempt, () => 1)), [400, 800, 1600, 3200]);
  assert.equal(delay(1000, () => 1), 20_000);
});

test('close codes say what helps', () => {
  const next = (code: number) => afterClose(code).next;
  for (const code of [1000, 1001, 1006, 1009, 1012, 4008, 4009, 4399]) assert.equal(next(code), 'retry', String(code));
  for (const code of [4001, 4002]) assert.equal(next(code), 'token', String(code));
  for (const code of [4003, 4400, 4499]) assert.equal(next(code), 'stop', String(code));
  assert.ok(afterClose(4029).floorMs > 0);
});
