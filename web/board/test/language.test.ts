// Both languages say everything, with the same values in their sentences.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as grid from '../src/language/grid.js';
import { speak, t } from '../src/language/index.js';
import { preferred } from '../../shared/locale.js';
import { namesIn, sentence } from '../../shared/message.js';
import * as panels from '../src/language/panels.js';

for (const [name, half] of Object.entries({ grid, panels })) {
  test(`${name}: the same keys in both languages`, () => {
    assert.deepEqual(Object.keys(half.zhHant).sort(), Object.keys(half.en).sort());
  });

  test(`${name}: the same values in both languages`, () => {
    const chinese: Record<string, Parameters<typeof namesIn>[0]> = half.zhHant;
    for (const [key, message] of Object.entries(half.en)) assert.deepEqual(namesIn(chinese[key] ?? ''), namesIn(message), key);
  });
}

test('no key is in both halves', () => {
  const shared = Object.keys(grid.en).filter((key) => key in panels.en);
  assert.deepEqual(shared, []);
});

test('plural forms follow the language', () => {
  const message = { one: '{count} class', other: '{count} classes' };
  assert.equal(sentence(message, { count: 1 }, 'en'), '1 class');
  assert.equal(sentence(message, { count: 1200 }, 'en'), '1,200 classes');
  assert.equal(sentence({ other: '{count} 堂課' }, { count: 1 }, 'zh-Hant'), '1 堂課');
});

test('a value that looks like a name is left alone', () => {
  assert.equal(sentence('“{wanted}” is not there', { wanted: '{wanted} $&' }, 'en'), '“{wanted} $&” is not there');
});

test('the browser’s first language of ours wins', () => {
  assert.equal(preferred(['fr', 'zh-TW', 'en']), 'zh-Hant');
  assert.equal(preferred(['en-GB', 'zh-TW']), 'en');
  assert.equal(preferred(['fr']), 'en');
});

test('texts follow the language at once', () => {
  speak('zh-Hant');
  assert.equal(t('template.slots', { count: 3 }), '每週 3 堂課');
  speak('en');
  assert.equal(t('template.slots', { count: 1 }), '1 class a week');
});
