// Where cards go, which columns there are, and where the keyboard goes from a card.

import assert from 'node:assert/strict';
import test from 'node:test';
import { parseDate } from '../src/app/time.js';
import { neighbour } from '../src/grid/focus.js';
import { hourRange, partsOf, sideBySide } from '../src/grid/layout.js';
import { type View, columnOf, columnsOf, shows, turned } from '../src/grid/view.js';
import { course, resource, timetable } from './support.js';

const day = parseDate('2026-01-05') ?? 0;
const part = (id: string, from: number, to: number) => ({ course: course(id), day, from, to, first: true, last: true });

test('layout: side by side, and wide again where there is room', () => {
  const parts = sideBySide([part('a', 540, 600), part('b', 570, 630), part('c', 600, 660), part('d', 700, 760)]);
  const of = (id: string) => parts.find((each) => each.course.id === id);
  assert.deepEqual([of('a')?.left, of('b')?.left, of('c')?.left], [0, 0.5, 0]);
  assert.deepEqual([of('a')?.width, of('d')?.width], [0.5, 1]);
});

test('layout: past midnight there are two parts, and the hours widen', () => {
  const late = course('l', { startsAt: '2026-01-05T22:00:00Z', endsAt: '2026-01-06T01:30:00Z' });
  const pieces = partsOf(late, day, day + 6, 'UTC');
  assert.deepEqual(pieces.map(({ day: on, from, to }) => [on - day, from, to]), [[0, 1320, 1440], [1, 0, 90]]);
  assert.deepEqual(hourRange(pieces), { first: 0, last: 24 });
  assert.equal(partsOf(course('e', { endsAt: '2026-01-06T00:00:00Z' }), day, day + 6, 'UTC').length, 1);
  assert.equal(partsOf(course('n'), day + 7, day + 13, 'UTC').length, 0);
});

test('view: a day by trainer has a column for each, and one for nobody where it is needed', () => {
  const view: View = { lens: 'trainer', day, only: '' };
  const known = timetable([], [resource('trainer', 'z', { name: 'Ana' }), resource('trainer', 'y', { name: 'Leo' })]);
  const names = (courses = [course('a', { trainerId: 'z' })]) => columnsOf(view, known, courses, false).map(({ owner }) => owner?.id);
  assert.deepEqual(names(), ['z', 'y']);
  assert.deepEqual(names([course('a'), course('b', { trainerId: 'unknown' })]), ['z', 'y', 'unknown', null]);
  const columns = columnsOf(view, known, [], false);
  assert.equal(columnOf(columns, { ...part('a', 0, 60), course: course('a', { trainerId: 'y' }) }), 1);
  assert.equal(columnOf(columns, part('a', 0, 60)), -1);
});

test('view: a week has seven days, a narrow one has one, and both turn by what they show', () => {
  const view: View = { lens: 'week', day: day + 2, only: 'studio:s' };
  assert.deepEqual(columnsOf(view, timetable(), [], false).map((column) => column.day - day), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(columnsOf(view, timetable(), [], true).map((column) => column.day - day), [2]);
  assert.deepEqual([turned(view, 1, false).day - day, turned(view, -1, true).day - day], [9, 1]);
  assert.deepEqual([shows(view, course('a', { studioId: 's' })), shows(view, course('a', { trainerId: 's' }))], [true, false]);
});

test('focus: up and down in a column, sideways to what is nearest in time', () => {
  const columns = [[part('a', 480, 540), part('b', 600, 660)], [], [part('c', 420, 480), part('d', 610, 640)]].map((parts) => sideBySide(parts));
  assert.equal(neighbour(columns, 'a', 'down'), 'b');
  assert.equal(neighbour(columns, 'a', 'up'), null);
  assert.equal(neighbour(columns, 'b', 'right'), 'd');
  assert.equal(neighbour(columns, 'c', 'left'), 'a');
  assert.equal(neighbour(columns, 'd', 'first'), 'c');
});
