// Both languages of the console say everything, with the same values in their sentences.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Message, namesIn } from '../../shared/message.js';
import { en } from '../src/language/en.js';
import { word } from '../src/language/index.js';
import { zhHant } from '../src/language/zh.js';

test('the same keys in both languages', () => {
  assert.deepEqual(Object.keys(zhHant), Object.keys(en));
});

test('the same values in both languages', () => {
  const chinese: Record<string, Message> = zhHant;
  for (const [key, message] of Object.entries(en)) assert.deepEqual(namesIn(chinese[key] ?? ''), namesIn(message), key);
});

test('a word that the service has and the console does not know is shown as it is', () => {
  assert.equal(word('outcome', 'dry_run'), 'dry run');
  assert.equal(word('outcome', 'of_tomorrow'), 'of_tomorrow');
});
