// Operations of the form, suggestions, ways out of a conflict, and reasons in words.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { wire } from '@kyo/collaboration-client';
import { sketched } from '../src/app/sketch.js';
import { conflictText } from '../src/editor/reasons.js';
import { suggestionText, withSuggestion } from '../src/editor/suggestion.js';
import { type Values, createOp, timesOf, updateOp, valuesOf } from '../src/editor/values.js';
import { waysOut } from '../src/editor/ways.js';
import { course, resource, timetable } from './support.js';

const place = { startsAt: '2026-01-06T08:00:00Z', endsAt: '2026-01-06T09:00:00Z' };

test('editor: the smallest operation that says what was changed', () => {
  const before = valuesOf(course('a', { trainerId: 't' }), 'Asia/Taipei');
  assert.deepEqual([before.date, before.start, before.end], ['2026-01-05', '16:00', '17:00']);
  const op = (changes: Partial<Values>) => updateOp('a', before, { ...before, ...changes }, 'Asia/Taipei');
  assert.equal(op({}), null);
  assert.deepEqual(op({ title: ' Flow ', capacity: '', trainerId: '' }), { kind: 'course_update', courseId: 'a', patch: { title: 'Flow', trainerId: null } });
  assert.deepEqual(op({ start: '16:30', studioId: 's' }), { kind: 'course_move', courseId: 'a', startsAt: '2026-01-05T08:30:00Z', endsAt: '2026-01-05T09:00:00Z', studioId: 's' });
  const both = op({ start: '16:30', tags: 'hot, new' });
  assert.deepEqual(both?.kind === 'batch' && both.ops.map(({ kind }) => kind), ['course_move', 'course_update']);
  assert.equal(timesOf({ ...before, end: '00:30' }, 'Asia/Taipei')?.endsAt, '2026-01-05T16:30:00Z');
  assert.equal(timesOf({ ...before, end: '' }, 'Asia/Taipei'), null);
});

test('editor: a class without a title is called something while it is being made', () => {
  const values = valuesOf({ ...course('a'), title: '' }, 'UTC');
  const op = createOp('a', values, 'UTC', 'New class');
  assert.deepEqual(op?.kind === 'course_create' && op.course, { id: 'a', title: 'New class', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z' });
});

test('suggestion: changes only the place', () => {
  const created = withSuggestion({ kind: 'course_create', course: { id: 'a', title: 'T', startsAt: 's', endsAt: 'e' } }, { ...place, studioId: 'x' });
  assert.deepEqual(created, { kind: 'course_create', course: { id: 'a', title: 'T', ...place, studioId: 'x' } });
  assert.deepEqual(withSuggestion({ kind: 'course_update', courseId: 'a', patch: { trainerId: 't' } }, place), { kind: 'course_move', courseId: 'a', trainerId: 't', ...place });
  const move: wire.Operation = { kind: 'course_move', courseId: 'a', startsAt: 's' };
  const update: wire.Operation = { kind: 'course_update', courseId: 'a', patch: { title: 'X' } };
  assert.deepEqual(withSuggestion({ kind: 'batch', ops: [move, update] }, place), { kind: 'batch', ops: [{ ...move, ...place }, update] });
  assert.equal(withSuggestion({ kind: 'batch', ops: [move, { ...update, courseId: 'b' }] }, place), null);
  assert.equal(withSuggestion({ kind: 'undo' }, place), null);
});

test('suggestion: names a studio only where it is another than was asked', () => {
  const state = timetable([course('a', { trainerId: 't', studioId: 's' })]);
  const suggestion = { startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z', trainerId: 't', studioId: 'x' };
  assert.match(suggestionText(suggestion, { kind: 'course_move', courseId: 'a', startsAt: 's' }, state, 'UTC'), /08:00–09:00 · x$/);
  assert.match(suggestionText(suggestion, { kind: 'course_update', courseId: 'a', patch: { studioId: 'x' } }, state, 'UTC'), /08:00–09:00$/);
});

test('ways: a free studio that is large enough first, then the nearest times of that day', () => {
  const state = timetable([], [resource('studio', 's'), resource('studio', 'small', { capacity: 5 }), resource('studio', 'roomy', { capacity: 50 })]);
  const one = course('a', { studioId: 's', capacity: 20 });
  const found = waysOut(one, state, 'UTC', () => true);
  assert.deepEqual(found.map(({ studioId, startsAt }) => studioId ?? startsAt), ['roomy', '2026-01-05T08:15:00Z', '2026-01-05T07:45:00Z']);
  assert.deepEqual(waysOut(one, state, 'UTC', ({ startsAt }) => startsAt === '2026-01-05T10:00:00Z').length, 1);
  const late = course('b', { startsAt: '2026-01-05T21:00:00Z', endsAt: '2026-01-05T22:00:00Z' });
  assert.ok(waysOut(late, state, 'UTC', () => true).every(({ endsAt }) => endsAt <= '2026-01-05T22:00:00Z'));
});

test('sketch: draws what is being made, and leaves the timetable alone', () => {
  const courses = new Map([['a', course('a')]]);
  const drawn = sketched(courses, { kind: 'batch', ops: [{ kind: 'course_move', courseId: 'a', ...place }, { kind: 'course_update', courseId: 'a', patch: { title: 'X', tags: null } }] });
  assert.deepEqual([drawn.get('a')?.startsAt, drawn.get('a')?.title, drawn.get('a')?.tags], [place.startsAt, 'X', []]);
  assert.equal(courses.get('a')?.title, 'Spin');
  assert.equal(sketched(courses, null), courses);
});

test('reasons: a conflict is told from the side of the course that was touched', () => {
  const state = timetable([], [resource('trainer', 't', { name: 'Ana Duarte', bufferMinutes: 10 })]);
  const other = { courseId: 'b', room: 'elsewhere', startsAt: '2026-01-05T08:30:00Z', endsAt: '2026-01-05T09:30:00Z' };
  const conflict: wire.Conflict = { id: 'k', kind: 'trainer_overlap', resourceId: 't', courses: [{ ...other, courseId: 'a' }, other] };
  const text = conflictText(conflict, { timetable: state, zone: 'UTC', courseId: 'a' });
  assert.equal(text, 'Ana Duarte already teaches a class in another timetable 08:30–09:30 (10 min between classes).');
});
