// Order and search of tables.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, nextOrder, sorted } from '../src/model/sort.js';

const rows = [{ n: 2, id: 'a' }, { n: null, id: 'b' }, { n: 10, id: 'c' }, { n: 2, id: 'd' }];
const ids = (down: boolean) => sorted(rows, ({ n }) => n, down).map(({ id }) => id).join('');

test('numbers go by their value, equal rows keep their order', () => {
  assert.equal(ids(false), 'adcb');
});

test('what is unknown is last, whichever way', () => {
  assert.equal(ids(true), 'cadb');
});

test('words go by the alphabet, not by capitals', () => {
  assert.deepEqual(sorted(['b', 'A', 'c'], (word) => word, false), ['A', 'b', 'c']);
});

test('sorting does not touch what it was given', () => {
  const given = [3, 1];
  sorted(given, (n) => n, false);
  assert.deepEqual(given, [3, 1]);
});

test('a click turns the order round, on another column begins with its own direction', () => {
  assert.deepEqual(nextOrder({ by: 'name', down: false }, 'name', false), { by: 'name', down: true });
  assert.deepEqual(nextOrder({ by: 'name', down: false }, 'queue', true), { by: 'queue', down: true });
});

test('every word must be somewhere, in any case', () => {
  assert.ok(matches('LIN mei', ['Mei Lin', 'mei']));
  assert.ok(!matches('lin kenji', ['Mei Lin', 'mei']));
  assert.ok(matches('', ['anything']));
});
