// Server-sent events, however the stream is cut.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader } from '../src/service/eventstream.js';

const STREAM = 'event: following\ndata: {"node":"n"}\n\n: still here\n\nevent: end\r\ndata: {"reason":"ended"}\r\n\r\ndata: a\ndata: b\n\n';
const EVENTS = [{ name: 'following', data: '{"node":"n"}' }, { name: 'end', data: '{"reason":"ended"}' }, { name: 'message', data: 'a\nb' }];

test('events are whole, comments are not events', () => {
  assert.deepEqual(new EventReader().feed(STREAM), EVENTS);
});

test('it does not matter where the stream is cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const reader = new EventReader();
    assert.deepEqual([...reader.feed(STREAM.slice(0, cut)), ...reader.feed(STREAM.slice(cut))], EVENTS, `cut at ${cut}`);
  }
});

test('an event without an end is a fault, not memory', () => {
  const reader = new EventReader();
  assert.throws(() => {
    for (let n = 0; n < 200; n += 1) reader.feed('x'.repeat(10_000));
  }, /without an end/);
});
