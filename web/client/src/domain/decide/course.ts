// Courses: create, update, move, delete.

import type * as wire from '../../wire.js';
import { type Entry, type Field, asOn, courseOf, fieldsOf, fieldsSet, patched } from '../course.js';
import { patchOf } from '../fold.js';
import { formatTime, parseTime } from '../time.js';
import type { Timetable } from '../timetable.js';
import { interval } from './bounds.js';
import type { Case } from './case.js';
import { place } from './place.js';
import { invalid, notFound } from './refusal.js';
import type { Step } from './step.js';

const MAX_COURSES = 20_000;

/** A new course, at version 1. */
export function create(state: Timetable, given: wire.NewCourse, asked: Case): Step {
  const id = given.id ?? asked.freshId();
  if (state.courses.has(id)) throw invalid('course.id', 'names a course that already exists');
  if (state.courses.size >= MAX_COURSES) {
    throw invalid('course', `is one too many: a room holds at most ${MAX_COURSES}`);
  }
  const fields = fieldsOf(given);
  const { userId, at } = asked.author;
  const course = courseOf(fields, { id, version: 1, createdBy: userId, updatedBy: userId, updatedAt: at });
  const overridden = asked.overridden(id, undefined, fields);
  return place(
    state, { id, fields, overridden }, { kind: 'course_create', course }, { kind: 'course_delete', courseId: id }, asked,
  );
}

/** A change of fields other than the time. */
export function update(state: Timetable, { courseId, patch }: wire.CourseUpdate, asked: Case): Step {
  const old = open(state, courseId, asked);
  checkBase(old, fieldsSet(patch), asked);
  const fields = patched(old.fields, patch);
  const effect = { kind: 'course_update', courseId, patch: written(patch), version: nextVersion(old, asked) } as const;
  const inverse = { kind: 'course_update', courseId, patch: asOn(patch, old.fields) } as const;
  const overridden = asked.overridden(courseId, old, fields);
  return place(state, { id: courseId, old, fields, overridden }, effect, inverse, asked);
}

/** A change of time, and perhaps of trainer and studio. */
export function relocate(state: Timetable, op: wire.CourseMove, asked: Case): Step {
  const old = open(state, op.courseId, asked);
  const start = parseTime(op.startsAt);
  const end = op.endsAt ? parseTime(op.endsAt) : start + old.fields.end - old.fields.start;
  const [set, was] = [resources(op, op), resources(op, old.fields)];
  const { courseId } = op;
  const effect = {
    kind: 'course_move', courseId, startsAt: formatTime(start), endsAt: formatTime(end), ...set,
    version: nextVersion(old, asked),
  } as const;
  const patch = patchOf(effect);
  checkBase(old, fieldsSet(patch), asked);
  interval(start, end);
  const fields = patched(old.fields, patch);
  const inverse = {
    kind: 'course_move', courseId, startsAt: formatTime(old.fields.start), endsAt: formatTime(old.fields.end), ...was,
  } as const;
  const overridden = asked.overridden(courseId, old, fields);
  return place(state, { id: courseId, old, fields, overridden }, effect, inverse, asked);
}

/** A course that goes. Its id may be used again, from version 1. */
export function remove(state: Timetable, courseId: string, asked: Case): Step {
  const old = open(state, courseId, asked);
  asked.checkBase('course', old.course, () => true);
  const inverse = { kind: 'course_create', course: newCourse(old) } as const;
  return place(state, { id: courseId, old, overridden: false }, { kind: 'course_delete', courseId }, inverse, asked);
}

/** The trainer and studio that a move names, as `of` has them. */
function resources(
  op: wire.CourseMove, of: { trainerId?: string | null; studioId?: string | null },
): Pick<wire.CourseMove, 'trainerId' | 'studioId'> {
  return {
    ...(op.trainerId !== undefined && { trainerId: of.trainerId ?? null }),
    ...(op.studioId !== undefined && { studioId: of.studioId ?? null }),
  };
}

/** A patch as an event shows it: cleared tags are an empty list, colours are lower-case. */
function written(patch: wire.CoursePatch): wire.CoursePatch {
  const { tags, color, ...rest } = patch;
  const set = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(set),
    ...(tags !== undefined && { tags: tags ?? [] }),
    ...(color !== undefined && { color: color?.toLowerCase() ?? null }),
  };
}

function newCourse({ course, fields }: Entry): wire.NewCourse {
  const { id, startsAt, endsAt } = course;
  const { start, end, tags, ...rest } = fields;
  return { id, startsAt, endsAt, ...rest, tags: [...tags] };
}

/** A course that is there and that nobody else holds. */
function open(state: Timetable, courseId: string, asked: Case): Entry {
  const entry = state.entry(courseId);
  if (!entry) throw notFound('course', 'courseId');
  asked.checkLock(courseId);
  return entry;
}

function checkBase(old: Entry, fields: readonly Field[], asked: Case): void {
  asked.checkBase('course', old.course, (base) => fields.some((field) => old.versions[field] > base));
}

function nextVersion({ course }: Entry, asked: Case): number {
  return asked.nextVersion(course, (origin) => origin.courses.get(course.id));
}
