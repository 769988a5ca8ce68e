// What the timetable will look like when the operations under way are committed. A guess for the
// eye only: the server decides, and the committed state is never touched here.

import type * as wire from '../wire.js';
import { Timetable } from './timetable.js';

/** A copy of `timetable` with `ops` applied. */
export function predict(timetable: Timetable, ops: readonly wire.Operation[]): Timetable {
  if (ops.length === 0) return timetable;
  const guess = timetable.copy();
  for (const op of ops) apply(guess, op);
  return guess;
}

/** The ids of courses that an operation touches. */
export function touched(op: wire.Operation): string[] {
  switch (op.kind) {
    case 'batch': return op.ops.flatMap(touched);
    case 'course_create': return op.course.id ? [op.course.id] : [];
    case 'course_update': case 'course_move': case 'course_delete': return [op.courseId];
    default: return [];
  }
}

function apply(guess: Timetable, op: wire.Operation): void {
  switch (op.kind) {
    case 'course_create': create(guess, op.course); break;
    case 'course_update': edit(guess, op.courseId, op.patch); break;
    case 'course_move': edit(guess, op.courseId, place(guess.courses.get(op.courseId), op)); break;
    case 'course_delete': guess.courses.delete(op.courseId); break;
    case 'batch': for (const inner of op.ops) apply(guess, inner); break;
    default: break; // Undo, templates and rules are shown when they are committed.
  }
}

function create(guess: Timetable, { id, ...course }: wire.NewCourse): void {
  if (!id) return;
  guess.courses.set(id, {
    trainerId: null, studioId: null, capacity: null, color: null, notes: null,
    ...course, tags: course.tags ?? [], id, version: 0, createdBy: '', updatedBy: '', updatedAt: course.startsAt,
  });
}

function edit(guess: Timetable, id: string, fields: wire.CoursePatch | Partial<wire.Course>): void {
  const before = guess.courses.get(id);
  if (before) guess.courses.set(id, { ...before, ...fields, tags: fields.tags ?? before.tags });
}

function place(course: wire.Course | undefined, op: wire.CourseMove): Partial<wire.Course> {
  if (!course) return {};
  const length = Date.parse(course.endsAt) - Date.parse(course.startsAt);
  return {
    startsAt: op.startsAt,
    endsAt: op.endsAt ?? new Date(Date.parse(op.startsAt) + length).toISOString(),
    ...('trainerId' in op ? { trainerId: op.trainerId ?? null } : {}),
    ...('studioId' in op ? { studioId: op.studioId ?? null } : {}),
  };
}
