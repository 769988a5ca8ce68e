// The network is cut while both sides edit, the page is closed meanwhile, the service dies: everybody
// agrees in the end, and nothing is done twice or lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { WebSocket } from 'ws';
import { Client, IndexedDbStorage, type Room } from '../../src/index.js';
import { Cable } from '../support/cable.js';
import { converged, course, enter } from '../support/people.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

/** KYO_OUTAGE_MS makes it longer or shorter. */
const OUTAGE_MS = Number(process.env['KYO_OUTAGE_MS'] || 30_000);

let service: Service;
let owner: string;
before(async () => {
  service = await Service.start();
  owner = service.token({ user: 'owner', role: 'owner' });
});
after(() => service.remove());

/** How often each operation was committed. */
async function committed(room: Room): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (let after = 0, more = true; more;) {
    const page = await room.history({ after, limit: 500 });
    for (const event of page.events) times.set(event.opId, (times.get(event.opId) ?? 0) + 1);
    after = page.events.at(-1)?.seq ?? after;
    more = page.hasMore;
  }
  return times;
}

test('a cut of half a minute, edits on both sides, a reload in between: both agree, each opId once', async () => {
  const roomId = await service.room(owner);
  const cable = await Cable.lay(() => service.port);
  const factory = new IDBFactory();
  const plug = { url: service.socket(cable.port), storage: new IndexedDbStorage(factory) };
  const ann = await enter(service, roomId, { user: 'ann' }, plug);
  const bob = await enter(service, roomId, { user: 'bob' });
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    await ann.room.apply({ kind: 'course_create', course: course(id, index * 3, { trainerId: 'kim' }) });
  }
  await converged([ann.room, bob.room]);

  cable.pull();
  await until('ann notices', () => ann.client.state !== 'live');
  const cut = Date.now();
  void ann.room.apply({ kind: 'course_update', courseId: 'a', patch: { title: 'from ann' } });
  void ann.room.apply({ kind: 'course_update', courseId: 'a', patch: { notes: 'from ann, on top' } });
  void ann.room.apply({ kind: 'course_create', course: course('ann-1', 12, { trainerId: 'kim' }) });
  void ann.room.apply({ kind: 'course_update', courseId: 'b', patch: { title: 'ann was later' } });
  await bob.room.apply({ kind: 'course_update', courseId: 'a', patch: { capacity: 12 } });
  await bob.room.apply({ kind: 'course_update', courseId: 'b', patch: { title: 'bob was first' } });
  await bob.room.apply({ kind: 'course_create', course: course('bob-1', 15, { trainerId: 'kim' }) });
  assert.equal(ann.room.view.courses.get('a')?.title, 'from ann', 'seen at once');
  await ann.room.written();
  ann.client.stop();

  const client = new Client({ ...plug, storage: new IndexedDbStorage(factory), token: ann.token, webSocket: WebSocket });
  const room = client.room(roomId);
  client.start();
  const left = await until('what was left is found again', () => (room.pending.length === 4 ? [...room.pending] : null));
  const clash = room.apply({ kind: 'course_create', course: course('ann-2', 15, { trainerId: 'kim' }) });
  const refused: string[] = [];
  room.on('refused', ({ error }) => refused.push(error.code));
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, cut + OUTAGE_MS - Date.now())));
  cable.plug();
  client.retryNow();

  assert.equal(await clash, null);
  assert.equal(await converged([room, bob.room]), bob.room.timetable.digest());
  assert.deepEqual(refused.sort(), ['conflict', 'stale'], 'bob holds the trainer, and changed the title first');
  const { courses } = room.timetable;
  assert.deepEqual(
    [courses.get('a')?.title, courses.get('a')?.notes, courses.get('a')?.capacity],
    ['from ann', 'from ann, on top', 12],
  );
  assert.equal(courses.get('b')?.title, 'bob was first');
  assert.equal(courses.has('ann-1'), true);
  assert.equal(courses.has('ann-2'), false);
  const times = await committed(room);
  assert.deepEqual(left.map(({ opId }) => times.get(opId) ?? 0), [1, 1, 1, 0]);
  assert.deepEqual([...times.values()].filter((count) => count !== 1), []);
  assert.equal(room.mended + bob.room.mended, 0);
  client.stop();
  bob.client.stop();
  cable.remove();
});

test('the service is killed amid edits: what was sent without an answer is sent again and done once', async () => {
  const roomId = await service.room(owner);
  const cable = await Cable.lay(() => service.port);
  const ann = await enter(service, roomId, { user: 'ann' }, { url: service.socket(cable.port) });
  const acks = Array.from({ length: 60 }, (_, n) =>
    ann.room.apply({ kind: 'course_create', course: course(`k-${n}`, n) }));
  await acks[5];
  await service.end('SIGKILL');
  await service.start();
  const answers = await Promise.all(acks);
  assert.equal(answers.every(Boolean), true);
  const bob = await enter(service, roomId, { user: 'bob' });
  await converged([ann.room, bob.room]);
  assert.equal(bob.room.timetable.courses.size, 60);
  assert.deepEqual([...(await committed(bob.room)).values()], Array.from({ length: 60 }, () => 1));
  ann.client.stop();
  bob.client.stop();
  cable.remove();
});

test('a service that drains is left at its own moment, and work goes on at the next', async () => {
  const roomId = await service.room(owner);
  const cable = await Cable.lay(() => service.port);
  const ann = await enter(service, roomId, { user: 'ann' }, { url: service.socket(cable.port) });
  await ann.room.apply({ kind: 'course_create', course: course('d-1', 1) });
  const told = new Promise<number>((resolve) => ann.client.on('draining', ({ reconnectAfterMs }) => resolve(reconnectAfterMs)));
  const reasons: string[] = [];
  ann.client.on('problem', ({ code }) => reasons.push(code));
  const ended = service.end('SIGTERM');
  assert.ok(await told >= 0);
  await ended;
  await service.start();
  await ann.room.apply({ kind: 'course_create', course: course('d-2', 3) });
  await until('both are there', () => ann.room.timetable.courses.has('d-1') && ann.room.timetable.courses.has('d-2'));
  assert.deepEqual(reasons, []);
  ann.client.stop();
  cable.remove();
});
