// A room against a scripted peer: gaps, divergence, refusals, patience, what is foreseen.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { WebSocket } from 'ws';
import { Client, type Room, type wire } from '../src/index.js';
import { mark, hex } from '../src/domain/digest.js';
import { EMPTY, Peer } from './support/peer.js';
import { until } from './support/until.js';

let peer: Peer;
let client: Client;
let room: Room;
beforeEach(async () => {
  peer = await Peer.listen();
  client = new Client({ url: peer.url, token: 't', webSocket: WebSocket });
  room = client.room('r');
});
afterEach(async () => {
  client.stop();
  await peer.end();
});

async function enter(): Promise<void> {
  client.start();
  await until('joined', () => room.joined);
}

function courseOf(id: string, fields: Partial<wire.Course> = {}): wire.Course {
  return {
    id, version: 1, title: id, startsAt: '2027-03-01T10:00:00Z', endsAt: '2027-03-01T11:00:00Z', trainerId: null, studioId: null,
    capacity: null, color: null, notes: null, tags: [], createdBy: 'bob', updatedBy: 'bob', updatedAt: '2027-01-01T00:00:00Z', ...fields,
  };
}

function created(seq: number, course: wire.Course, fields: Partial<wire.Event> = {}): wire.Event {
  return { seq, opId: `op-${seq}`, userId: 'bob', at: '2027-01-01T00:00:00Z', kind: 'course_create', data: { course }, ...fields };
}

const digestOf = (...ids: string[]) => hex(ids.reduce((sum, id) => sum ^ mark(id, 1), 0));

test('a gap is asked for, and what comes twice is folded once', async () => {
  await enter();
  peer.on('join', (message) => {
    assert.deepEqual(message['since'], { epoch: 1, seq: 0 });
    const { snapshot: _, ...rest } = EMPTY;
    return { type: 'joined', ...rest, sync: 'delta', seq: 2, digest: digestOf('a', 'b'), events: [created(1, courseOf('a')), created(2, courseOf('b'))] };
  });
  peer.push({ type: 'events', room: 'r', first: 2, events: [created(2, courseOf('b'))], digest: digestOf('a', 'b') });
  await until('both', () => room.timetable.seq === 2);
  peer.push({ type: 'events', room: 'r', first: 2, events: [created(2, courseOf('b')), created(3, courseOf('c'))], digest: digestOf('a', 'b', 'c') });
  await until('the third', () => room.timetable.seq === 3);
  assert.equal(room.timetable.digest(), digestOf('a', 'b', 'c'));
  assert.equal(room.mended, 0);
});

test('a digest that differs is healed by a snapshot, and counted', async () => {
  await enter();
  peer.on('join', (message) => {
    assert.equal(message['since'], undefined);
    return { type: 'joined', ...EMPTY, seq: 1, digest: digestOf('a', 'z'), snapshot: { ...EMPTY.snapshot, courses: [courseOf('a'), courseOf('z')] } };
  });
  peer.push({ type: 'events', room: 'r', first: 1, events: [created(1, courseOf('a'))], digest: digestOf('a', 'z') });
  await until('healed', () => room.timetable.courses.has('z'));
  assert.equal(room.mended, 1);
});

test('an operation whose answer was lost is answered by its event, before the link went or after', async () => {
  await enter();
  const opIds: string[] = [];
  peer.on('op', (message) => {
    opIds.push(String(message['opId']));
    return undefined;
  });
  const [before, after] = ['a', 'b'].map((id) => room.apply({ kind: 'course_create', course: courseOf(id) }));
  await until('both are sent', () => opIds.length === 2);
  peer.push({ type: 'events', room: 'r', first: 1, events: [created(1, courseOf('a'), { opId: opIds[0] ?? '' })], digest: digestOf('a') });
  await until('the first is seen', () => room.timetable.seq === 1);
  peer.on('join', () => {
    const { snapshot: _, ...rest } = EMPTY;
    return { type: 'joined', ...rest, sync: 'delta', seq: 2, digest: digestOf('a', 'b'), events: [created(2, courseOf('b'), { opId: opIds[1] ?? '' })] };
  });
  peer.close(1012);
  assert.deepEqual([(await before)?.seq, (await after)?.seq], [1, 2]);
  assert.equal(opIds.length, 2, 'nothing is sent again');
});

test('a service that asks for patience gets the same opId again, in order', async () => {
  await enter();
  let seq = 0;
  peer.on('op', (message) => {
    if (peer.of('op').length <= 2) return { type: 'error', code: 'unavailable', message: 'later', retryable: true, retryAfterMs: 10 };
    seq += 1;
    return { type: 'ack', room: 'r', opId: message['opId'], seq, duplicate: false, warnings: [] };
  });
  const ack = await room.apply({ kind: 'course_create', course: courseOf('a') });
  assert.equal(ack?.seq, 1);
  assert.equal(new Set(peer.of('op').map(({ opId }) => opId)).size, 1);
  assert.equal(peer.of('op').length, 3);
});

test('of two operations on one course the second waits for the event of the first and is based on it', async () => {
  peer.on('join', () => ({ type: 'joined', ...EMPTY, seq: 1, digest: digestOf('a'), snapshot: { ...EMPTY.snapshot, courses: [courseOf('a')] } }));
  await enter();
  peer.on('op', (message) => ({ type: 'ack', room: 'r', opId: message['opId'], seq: 2, duplicate: false, warnings: [] }));
  const first = room.apply({ kind: 'course_update', courseId: 'a', patch: { title: 'one' } });
  void room.apply({ kind: 'course_update', courseId: 'a', patch: { title: 'two' } });
  await first;
  assert.equal(room.view.courses.get('a')?.title, 'two');
  assert.deepEqual(room.pending.map(({ foreseen }) => foreseen), [null, null]);
  assert.equal(peer.of('op').length, 1);
  const [sent] = peer.of('op');
  const event = {
    seq: 2, opId: String(sent?.['opId']), userId: 'ann', at: '2027-01-01T00:00:00Z', kind: 'course_update',
    data: { courseId: 'a', patch: { title: 'one' }, version: 2 },
  };
  peer.push({ type: 'events', room: 'r', first: 2, events: [event], digest: hex(mark('a', 2)) });
  await until('the second is sent', () => peer.of('op').length === 2);
  assert.equal(peer.of('op')[1]?.['baseVersion'], 2);
});

test('an edit whose field a colleague changed is shown as refused-to-be, and still sent as it was', async () => {
  peer.on('join', () => ({ type: 'joined', ...EMPTY, seq: 1, digest: digestOf('a'), snapshot: { ...EMPTY.snapshot, courses: [courseOf('a')] } }));
  await enter();
  client.stop();
  void room.apply({ kind: 'course_update', courseId: 'a', patch: { title: 'mine' } });
  void room.apply({ kind: 'course_create', course: { ...courseOf('b'), trainerId: 'kim' } });
  assert.equal(room.view.courses.get('a')?.title, 'mine');
  const theirs = {
    seq: 2, opId: 'theirs', userId: 'bob', at: '2027-01-01T00:00:00Z', kind: 'course_update',
    data: { courseId: 'a', patch: { title: 'theirs' }, version: 2 },
  };
  const taken = created(3, courseOf('k', { trainerId: 'kim' }));
  peer.on('join', () => {
    const { snapshot: _, ...rest } = EMPTY;
    return { type: 'joined', ...rest, sync: 'delta', seq: 3, digest: hex(mark('a', 2) ^ mark('k', 1)), events: [theirs, taken] };
  });
  client.start();
  await until('both are sent', () => peer.of('op').length === 2);
  assert.deepEqual(room.pending.map(({ foreseen }) => foreseen?.code), ['stale', 'conflict']);
  assert.equal(room.view.courses.get('a')?.title, 'theirs');
  assert.equal(room.view.courses.has('b'), false);
  assert.equal(peer.of('op')[0]?.['baseVersion'], 1);
});

test('what will come of a move is known at once, with places that are free', async () => {
  const courses = [courseOf('a', { trainerId: 'kim' }), courseOf('b', { trainerId: 'kim', startsAt: '2027-03-01T12:00:00Z', endsAt: '2027-03-01T13:00:00Z' })];
  peer.on('join', () => ({ type: 'joined', ...EMPTY, seq: 2, digest: digestOf('a', 'b'), snapshot: { ...EMPTY.snapshot, courses } }));
  await enter();
  const found = room.foresee({ kind: 'course_move', courseId: 'b', startsAt: '2027-03-01T10:30:00Z' });
  assert.ok(found && 'error' in found);
  const details = found.error.details as wire.ConflictDetails;
  assert.deepEqual(details.conflicts[0]?.courses.map(({ courseId }) => courseId), ['a', 'b']);
  assert.equal(details.suggestions?.[0]?.startsAt, '2027-03-01T11:00:00Z');
  assert.deepEqual(room.foresee({ kind: 'course_move', courseId: 'b', startsAt: '2027-03-01T11:00:00Z' }), { warnings: [] });
  assert.equal(room.foresee({ kind: 'restore', seq: 1 }), null);
  assert.equal(peer.of('op').length, 0);
});

test('pointers are told no faster than the service shows them, the newest last', async () => {
  await enter();
  for (let x = 0; x <= 200; x += 1) {
    room.moveCursor({ x, y: 0 });
    if (x % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until('the newest', () => peer.of('cursor_move').at(-1)?.['x'] === 200);
  assert.ok(peer.of('cursor_move').length < 20);
});

test('a selection and an own lock are taken up again by the next session', async () => {
  peer.on('lock', (message) => ({ type: 'locked', courseId: message['courseId'], token: 1, expiresAt: '2099-01-01T00:00:00Z' }));
  await enter();
  await room.lock('a');
  room.select({ courseIds: ['a'] });
  await until('told', () => peer.of('selection_change').length === 1);
  peer.close(1012);
  await until('told again', () => peer.of('selection_change').length === 2 && peer.of('lock').length === 2);
});

test('a closed room says why', async () => {
  await enter();
  const closed = new Promise<string>((resolve) => room.on('closed', resolve));
  peer.push({ type: 'room_closed', room: 'r', reason: 'archived' });
  assert.equal(await closed, 'archived');
  assert.equal(room.joined, false);
});
