// The demo week, and colours that can be read.

import assert from 'node:assert/strict';
import test from 'node:test';
import { inkOn } from '../src/app/color.js';
import { demoWeek } from '../src/app/demo.js';
import { parseDate } from '../src/app/time.js';

test('the demo week double-books nobody that may not be', () => {
  const week = demoWeek(parseDate('2026-01-05') ?? 0, 'Asia/Taipei', 't');
  const courses = week.kind === 'batch' ? week.ops.flatMap((op) => (op.kind === 'course_create' ? [op.course] : [])) : [];
  assert.ok(courses.length >= 40 && courses.length <= 100);
  courses.forEach((a, index) => courses.slice(index + 1).forEach((b) => {
    if (Date.parse(a.startsAt) >= Date.parse(b.endsAt) || Date.parse(b.startsAt) >= Date.parse(a.endsAt)) return;
    assert.notEqual(a.trainerId, b.trainerId, `${a.title} ${a.startsAt}`);
    if (a.studioId !== 'floor-t') assert.notEqual(a.studioId, b.studioId, `${a.title} ${a.startsAt}`);
  }));
});

test('ink is readable on every colour', () => {
  assert.equal(inkOn('#ffffff'), '#14181c');
  assert.equal(inkOn('#0f766e'), '#ffffff');
  assert.equal(inkOn(undefined), '#ffffff');
});
