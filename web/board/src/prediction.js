// What the timetable will look like when the operations under way are committed. A guess for the
// eye only: the server decides, and the committed state is never touched here.

import { wire } from './time.js';

const EMPTY = {
  trainerId: null, studioId: null, capacity: null, color: null, notes: null, tags: [],
};

/** A copy of `timetable` with `ops` applied. */
export function predict(timetable, ops) {
  if (ops.length === 0) return timetable;
  const guess = timetable.copy();
  for (const op of ops) apply(guess, op);
  return guess;
}

/** The ids of courses that an operation touches. */
export function touched(op) {
  if (op.kind === 'batch') return op.ops.flatMap(touched);
  const id = op.courseId ?? op.course?.id;
  return id ? [id] : [];
}

function apply(guess, op) {
  switch (op.kind) {
    case 'course_create':
      guess.courses.set(op.course.id, { ...EMPTY, ...op.course, version: 0 });
      break;
    case 'course_update': edit(guess, op.courseId, op.patch); break;
    case 'course_move': edit(guess, op.courseId, place(guess.courses.get(op.courseId), op)); break;
    case 'course_delete': guess.courses.delete(op.courseId); break;
    case 'batch': for (const inner of op.ops) apply(guess, inner); break;
    default: break; // Undo, templates and rules are shown when they are committed.
  }
}

function edit(guess, id, fields) {
  const before = guess.courses.get(id);
  if (before) guess.courses.set(id, { ...before, ...fields });
}

function place(course, op) {
  if (!course) return {};
  const length = Date.parse(course.endsAt) - Date.parse(course.startsAt);
  const fields = {
    startsAt: op.startsAt,
    endsAt: op.endsAt ?? wire(Date.parse(op.startsAt) + length),
  };
  if ('trainerId' in op) fields.trainerId = op.trainerId;
  if ('studioId' in op) fields.studioId = op.studioId;
  return fields;
}
