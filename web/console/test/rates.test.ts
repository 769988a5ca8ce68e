// Rates of counts that only grow.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counts, ratesBetween } from '../src/model/rates.js';

const counts = (at: number, outcomes: Counts['outcomes'], more: Partial<Counts> = {}): Counts =>
  ({ node: 'n', since: 's', at, outcomes, ...more });

test('growth is told a second, whatever passed between', () => {
  const rates = ratesBetween(counts(0, { committed: 10 }), counts(2000, { committed: 16, dry_run: 1 }));
  assert.deepEqual(rates, { committed: 3, dryRun: 0.5, duplicate: 0, refused: 0 });
});

test('every code that is no success counts as refused', () => {
  const rates = ratesBetween(counts(0, {}), counts(1000, { conflict: 1, stale: 2, of_tomorrow: 3 }));
  assert.equal(rates?.refused, 6);
});

test('another replica, another beginning, or no time between: no rate', () => {
  const before = counts(0, { committed: 5 });
  assert.equal(ratesBetween(null, before), null);
  assert.equal(ratesBetween(before, counts(1000, { committed: 9 }, { node: 'm' })), null);
  assert.equal(ratesBetween(before, counts(1000, { committed: 9 }, { since: 'later' })), null);
  assert.equal(ratesBetween(before, counts(0, { committed: 9 })), null);
});

test('a count that shrank is another counter, not a negative rate', () => {
  assert.equal(ratesBetween(counts(0, { committed: 5 }), counts(1000, { committed: 1 })), null);
});
