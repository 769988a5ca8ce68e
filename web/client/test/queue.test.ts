// What waits: in any storage, of one owner, in order, bounded.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { IndexedDbStorage, MemoryStorage, type Storage, type wire } from '../src/index.js';
import { Queue, subjectsOf } from '../src/queue.js';

const op = (courseId: string): wire.Operation => ({ kind: 'course_delete', courseId });
const told = { quiet: false, settle: () => {} };
const never = (error: unknown) => assert.fail(String(error));
const kinds: [string, () => Storage][] = [
  ['memory', () => new MemoryStorage()], ['IndexedDB', () => new IndexedDbStorage(new IDBFactory())],
];

for (const [name, make] of kinds) {
  test(`${name}: the next page finds what was left, in order, with its base`, async () => {
    const storage = make();
    const first = new Queue(storage, 'room', 10, never);
    await first.open('ann');
    for (const [index, id] of ['c', 'a', 'b'].entries()) first.add({ opId: `op-${id}`, op: op(id), baseVersion: index + 1 }, told);
    const [, second] = first.entries;
    if (second) first.remove(second);
    await first.written();
    const next = new Queue(storage, 'room', 10, never);
    await next.open('ann');
    assert.deepEqual(next.entries.map(({ opId, baseVersion }) => [opId, baseVersion]), [['op-c', 1], ['op-b', 3]]);
  });

  test(`${name}: nobody is given what another has left, nor another room`, async () => {
    const storage = make();
    const queue = new Queue(storage, 'room', 10, never);
    await queue.open('ann');
    queue.add({ opId: 'op', op: op('a') }, told);
    await queue.written();
    for (const [owner, room] of [['bob', 'room'], ['ann', 'other']] as const) {
      const other = new Queue(storage, room, 10, never);
      await other.open(owner);
      assert.equal(other.entries.length, 0);
    }
  });
}

test('what is added before anybody knows whose it is comes after what was left, and is written down', async () => {
  const storage = new MemoryStorage();
  await storage.put({ opId: 'left', owner: 'ann', room: 'room', op: op('a'), order: 1 });
  const queue = new Queue(storage, 'room', 10, never);
  queue.add({ opId: 'fresh', op: op('b') }, told);
  await queue.open('ann');
  await queue.written();
  assert.deepEqual(queue.entries.map(({ opId }) => opId), ['left', 'fresh']);
  assert.deepEqual((await storage.load('ann', 'room')).map(({ opId }) => opId), ['left', 'fresh']);
});

test('a full queue says so', () => {
  const queue = new Queue(new MemoryStorage(), 'room', 2, never);
  for (const id of ['a', 'b']) queue.add({ opId: id, op: op(id) }, told);
  assert.throws(() => queue.add({ opId: 'c', op: op('c') }, told), { code: 'queue_full' });
  assert.equal(queue.entries.length, 2);
});

test('a storage that fails is told of, and the operation stays', async () => {
  const faults: unknown[] = [];
  const broken: Storage = {
    load: () => Promise.reject(new Error('no')), put: () => Promise.reject(new Error('no')), remove: () => Promise.reject(new Error('no')),
  };
  const queue = new Queue(broken, 'room', 10, (error) => faults.push(error));
  await queue.open('ann');
  queue.add({ opId: 'a', op: op('a') }, told);
  await queue.written();
  assert.equal(queue.entries.length, 1);
  assert.equal(faults.length, 2);
});

test('what concerns the same thing goes one after the other', () => {
  assert.deepEqual(subjectsOf(op('a')), ['course a']);
  assert.deepEqual(subjectsOf({ kind: 'batch', ops: [op('a'), { kind: 'template_delete', templateId: 't' }] }), ['course a', 'template t']);
  assert.equal(subjectsOf({ kind: 'undo' }), 'everything');
});
