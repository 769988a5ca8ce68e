// The bounded history of what is measured each second.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, spanOf } from '../src/model/history.js';

const times = (history: History<number>) => history.samples.map(({ at }) => at);

test('what is older than the span is let go', () => {
  const history = new History<number>(10, 100);
  for (const at of [0, 4, 9, 13]) history.add(at, at);
  assert.deepEqual(times(history), [4, 9, 13]);
});

test('there are never more than the limit, whatever the times', () => {
  const history = new History<number>(1000, 3);
  for (let at = 0; at < 50; at += 1) history.add(at, at);
  assert.deepEqual(times(history), [47, 48, 49]);
});

test('a moment without an answer stays a gap', () => {
  const history = new History<number>(10, 10);
  history.add(1, 5);
  history.add(2, null);
  assert.deepEqual(history.samples, [{ at: 1, value: 5 }, { at: 2, value: null }]);
});

test('a clock that goes back a little adds nothing; one that was set back begins anew', () => {
  const history = new History<number>(10, 10);
  history.add(100, 1);
  history.add(99, 2);
  assert.deepEqual(times(history), [100]);
  history.add(50, 3);
  assert.deepEqual(times(history), [50]);
});

test('samples that were given out are not changed', () => {
  const history = new History<number>(10, 10);
  history.add(1, 1);
  const before = history.samples;
  history.add(2, 2);
  assert.equal(before.length, 1);
});

test('a chart shows the least round span that its samples fit in', () => {
  const of = (ms: number) => spanOf([{ at: 1000, value: 1 }, { at: 1000 + ms, value: 1 }]) / 60_000;
  assert.deepEqual([of(0), of(60_000), of(61_000), of(200_000), of(400_000), of(900_000)], [1, 1, 2, 5, 10, 10]);
  assert.equal(spanOf([]), 60_000);
});
