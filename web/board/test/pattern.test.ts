// Templates as weekly patterns: from a week, and over a range of days.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timetable, type wire } from '@kyo/collaboration-client';
import { parseDate } from '../src/app/time.js';
import { daysOf, expand, inTheWay, slotsOfWeek } from '../src/panels/pattern.js';

const course = (more: Partial<wire.Course>): wire.Course => ({
  id: 'c', version: 1, title: 'Spin', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T08:45:00Z', tags: [],
  createdBy: 'u', updatedBy: 'u', updatedAt: '2026-01-01T00:00:00Z', ...more,
});
const slot = (more: Partial<wire.Slot> = {}): wire.Slot => ({ weekday: 1, start: '09:00', minutes: 60, title: 'Spin', ...more });
const day = (text: string) => parseDate(text) ?? assert.fail(text);
const times = (slots: wire.Slot[], from: string, to: string, zone: string) =>
  expand(slots, { first: day(from), last: day(to) }, zone).map(({ startsAt }) => startsAt);

test('a week’s classes become slots of the room’s clock, in order', () => {
  const slots = slotsOfWeek([
    course({ id: 'b', startsAt: '2026-01-06T16:30:00Z', endsAt: '2026-01-06T18:00:00Z', trainerId: 'ana', tags: ['new'] }),
    course({ id: 'a' }),
    course({ id: 'after', startsAt: '2026-01-12T08:00:00Z', endsAt: '2026-01-12T09:00:00Z' }),
  ], day('2026-01-05'), 'Asia/Taipei');
  assert.deepEqual(slots, [
    { weekday: 1, start: '16:00', minutes: 45, title: 'Spin' },
    { weekday: 3, start: '00:30', minutes: 90, title: 'Spin', trainerId: 'ana', tags: ['new'] },
  ]);
});

test('a range has an end, and 366 days at most', () => {
  assert.equal(daysOf('2026-01-05', '2026-01-04'), null);
  assert.equal(daysOf('', '2026-01-04'), null);
  assert.ok(daysOf('2028-01-01', '2028-12-31'));
  assert.equal(daysOf('2028-01-01', '2029-01-01'), null);
});

test('a pattern is laid over both ends of the range', () => {
  const week = [slot(), slot({ weekday: 7, start: '10:30' })];
  assert.deepEqual(times(week, '2026-01-05', '2026-01-12', 'UTC'), ['2026-01-05T09:00:00Z', '2026-01-11T10:30:00Z', '2026-01-12T09:00:00Z']);
});

// The service's own cases (`decide/apply.rs`).
test('a time in a gap is later by the gap', () => {
  for (const minute of ['00', '30', '59']) {
    assert.deepEqual(times([slot({ weekday: 7, start: `02:${minute}` })], '2027-03-14', '2027-03-14', 'America/Toronto'), [`2027-03-14T07:${minute}:00Z`]);
    assert.deepEqual(times([slot({ weekday: 7, start: `02:${minute}` })], '2026-03-29', '2026-03-29', 'Europe/Berlin'), [`2026-03-29T01:${minute}:00Z`]);
  }
});

test('a fold is its first time', () => {
  assert.deepEqual(times([slot({ weekday: 7, start: '01:30' })], '2026-11-01', '2026-11-01', 'America/Toronto'), ['2026-11-01T05:30:00Z']);
  assert.deepEqual(times([slot({ weekday: 7, start: '02:30' })], '2026-10-25', '2026-10-25', 'Europe/Berlin'), ['2026-10-25T00:30:00Z']);
});

test('what is in the way follows the overlap rule and the buffer', () => {
  const resource = { id: 'ana', kind: 'trainer' as const, name: 'Ana', bufferMinutes: 15, overlap: 'forbid' as const, version: 1, capacity: null };
  const at = (overlap: wire.OverlapName) => Timetable.of('r', { epoch: 1, seq: 1, state: {
    courses: [course({ trainerId: 'ana' })], resources: [{ ...resource, overlap }], templates: [], conflicts: [],
    policy: { staleEdits: 'merge', defaultOverlap: 'forbid' },
  } });
  const [close] = expand([slot({ start: '08:50', trainerId: 'ana' })], { first: day('2026-01-05'), last: day('2026-01-05') }, 'UTC');
  const [later] = expand([slot({ start: '09:00', trainerId: 'ana' })], { first: day('2026-01-05'), last: day('2026-01-05') }, 'UTC');
  assert.ok(close && later);
  assert.equal(inTheWay(close, at('forbid'))?.id, 'c');
  assert.equal(inTheWay(later, at('forbid')), null);
  assert.equal(inTheWay(close, at('allow')), null);
});
