// What drags and keys make of a course, and which key means what.

import assert from 'node:assert/strict';
import test from 'node:test';
import { intentOf } from '../src/app/keys.js';
import { addressOf, placeOf } from '../src/app/place.js';
import { parseDate } from '../src/app/time.js';
import { dayStart, drawn, moveOp, moved, resized, stepOp, stretchOf } from '../src/grid/moving.js';
import type { Column } from '../src/grid/view.js';
import { course } from './support.js';

const day = parseDate('2026-01-05') ?? 0;
const column = (id: string | null): Column => ({ key: '', day, owner: { kind: 'trainer', id }, name: '', capacity: null });
const days = (of: number): Column => ({ key: '', day: of, owner: null, name: '', capacity: null });

test('moving: snaps to quarters, stays in the day, keeps the length', () => {
  const now = stretchOf(course('a'), 'UTC');
  const to = moved(now, day, 9 * 60 + 22, 10);
  assert.deepEqual([to.start - dayStart(day), to.end - to.start], [9 * 60 + 15, 60]);
  assert.equal(moved(now, day, 5, 30).start, dayStart(day));
  assert.equal(resized(now, day, 8 * 60 + 2).end - now.start, 15);
});

test('moving: empty time may be drawn upwards', () => {
  assert.deepEqual(drawn(day, 600, 655), { start: dayStart(day) + 600, end: dayStart(day) + 660 });
  assert.deepEqual(drawn(day, 600, 550), { start: dayStart(day) + 540, end: dayStart(day) + 600 });
});

test('moving: another column is another trainer; the same place is no operation', () => {
  const one = course('a', { trainerId: 't' });
  const now = stretchOf(one, 'UTC');
  assert.equal(moveOp(one, now, column('t'), 'UTC'), null);
  assert.deepEqual(moveOp(one, now, column('u'), 'UTC'), { kind: 'course_move', courseId: 'a', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z', trainerId: 'u' });
  const freed = moveOp(one, now, column(null), 'UTC');
  assert.equal(freed?.kind === 'course_move' && freed.trainerId, null);
});

test('moving: keyboard steps keep the clock across daylight saving', () => {
  const saturday = course('a', { startsAt: '2026-03-28T08:00:00Z', endsAt: '2026-03-28T09:00:00Z' });
  const at = parseDate('2026-03-28') ?? 0;
  const op = stepOp(saturday, { from: days(at), to: days(at + 1) }, 'Europe/Berlin');
  assert.deepEqual(op, { kind: 'course_move', courseId: 'a', startsAt: '2026-03-29T07:00:00Z', endsAt: '2026-03-29T08:00:00Z' });
});

test('moving: a class is never shorter than a quarter of an hour', () => {
  const short = course('a', { endsAt: '2026-01-05T08:15:00Z' });
  assert.equal(stepOp(short, { quarters: -1, end: true }, 'UTC'), null);
});

test('keys: cards first, letters anywhere, nothing of the browser’s', () => {
  const press = (key: string, more = {}) => intentOf({ key, altKey: false, shiftKey: false, ctrlKey: false, metaKey: false, onCard: true, editable: true, ...more });
  assert.deepEqual(press('ArrowUp'), { do: 'focus', to: 'up' });
  assert.deepEqual(press('ArrowUp', { altKey: true }), { do: 'move', quarters: -1, columns: 0 });
  assert.deepEqual(press('ArrowDown', { altKey: true, shiftKey: true }), { do: 'resize', quarters: 1 });
  assert.deepEqual(press('z', { ctrlKey: true, shiftKey: true }), { do: 'act', name: 'redo' });
  assert.equal(press('ArrowUp', { altKey: true, editable: false }), null);
  assert.equal(press('Delete', { onCard: false }), null);
  assert.equal(press('ArrowLeft', { altKey: true, onCard: false }), null);
  assert.equal(press('t', { ctrlKey: true }), null);
});

test('address: what it names comes back from it', () => {
  const view = { lens: 'trainer', day, only: 'studio:a/b' } as const;
  const place = placeOf(addressOf('room-1', view));
  assert.deepEqual(place, { room: 'room-1', ...view });
  assert.deepEqual(placeOf('#/room/x'), { room: 'x', day: null, lens: null, only: '' });
  assert.equal(placeOf('#/rooms'), null);
});
