// Many operations find their way in, whatever some of them run into.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { wire } from '@kyo/collaboration-client';
import { type Sink, portions, sendAll } from '../src/panels/sending.js';

const op = (id: string, notes = ''): wire.Operation => ({ kind: 'course_delete', courseId: id + notes });
const ops = (count: number) => Array.from({ length: count }, (_, index) => op(`c${index}`));
const idsOf = (sent: wire.Operation): string[] =>
  sent.kind === 'batch' ? sent.ops.flatMap(idsOf) : sent.kind === 'course_delete' ? [sent.courseId] : [];

/** Takes a batch whole or not at all, as the service does. */
function service(bad: readonly string[]) {
  const taken: string[] = [];
  let asked = 0;
  const sink: Sink = {
    send: async (sent) => {
      asked += 1;
      if (idsOf(sent).some((id) => bad.includes(id))) return null;
      taken.push(...idsOf(sent));
      return { opId: `op${asked}` };
    },
    why: async () => null,
  };
  return { sink, taken, asked: () => asked };
}

test('portions are bounded in number and size, and keep the order', () => {
  assert.deepEqual(portions(ops(120)).map(({ length }) => length), [50, 50, 20]);
  const large = Array.from({ length: 20 }, (_, index) => op(`c${index}`, 'é'.repeat(4000)));
  for (const portion of portions(large)) assert.ok(Buffer.byteLength(JSON.stringify(portion)) < 64 * 1024);
  assert.deepEqual(portions(large).flat(), large);
  assert.deepEqual(portions([]), []);
});

test('what is refused is found, and everything else is taken in order', async () => {
  const { sink, taken, asked } = service(['c3', 'c77']);
  const sent = await sendAll(ops(120), sink, () => true);
  assert.equal(sent.done, 118);
  assert.deepEqual(sent.refused.map((each) => idsOf(each.op)[0]), ['c3', 'c77']);
  assert.deepEqual(taken, ops(120).flatMap(idsOf).filter((id) => id !== 'c3' && id !== 'c77'));
  assert.ok(asked() < 40, `asked ${asked()} times`);
});

test('it can be stopped between two portions', async () => {
  const { sink, taken } = service([]);
  await sendAll(ops(120), sink, ({ done }) => done < 50);
  assert.equal(taken.length, 50);
});
