// Folding events into a timetable. Total: what was committed took effect, whatever the rules say now.

import type * as wire from '../wire.js';
import { type Entry, type Patch, allSetBy, courseOf, fieldsOf, fieldsSet, patched, samePlace } from './course.js';
import { resourceKey } from './rule.js';
import { formatTime, parseTime } from './time.js';
import type { Timetable } from './timetable.js';

/** Which courses stand on an override after an event, where that is known. */
export type Marks = ReadonlyMap<string, boolean>;

/** Who changed something, and when. */
export interface Author { readonly userId: string; readonly at: string }

const NO_MARKS: Marks = new Map();

/** The effect of an event in the form in which a batch lists it. */
export function effectOf(event: wire.Event): wire.Effect {
  return { kind: event.kind, ...event.data } as wire.Effect;
}

/** Takes the next event. `event.seq` is `seq + 1`; the caller looks after gaps. */
export function foldEvent(timetable: Timetable, event: wire.Event, marks: Marks = NO_MARKS): void {
  applyEffect(timetable, effectOf(event), event, marks);
  if (event.conflicts) applyConflicts(timetable, event.conflicts);
  timetable.seq = event.seq;
}

/** Books conflicts that were made and ended. */
export function applyConflicts(timetable: Timetable, { resolved, detected }: wire.ConflictChanges): void {
  for (const id of resolved) timetable.conflicts.delete(id);
  for (const conflict of detected) timetable.conflicts.set(conflict.id, conflict);
}

/** Applies an effect without moving `seq`: a step of an event, or all of one. */
export function applyEffect(timetable: Timetable, effect: wire.Effect, author: Author, marks: Marks = NO_MARKS): void {
  switch (effect.kind) {
    case 'course_create': timetable.put(entryOf(effect.course, marks)); break;
    case 'course_update': edit(timetable, effect, effect.patch as Patch, author, marks); break;
    case 'course_move': edit(timetable, effect, patchOf(effect), author, marks); break;
    case 'course_delete': timetable.removeCourse(effect.courseId); break;
    case 'resource_upsert': timetable.putResource(effect.resource); break;
    case 'resource_delete': timetable.removeResource(resourceKey(effect.resourceKind, effect.resourceId)); break;
    case 'template_save': timetable.putTemplate(effect.template); break;
    case 'template_delete': timetable.removeTemplate(effect.templateId); break;
    case 'template_apply': for (const course of effect.courses) timetable.put(entryOf(course, marks)); break;
    case 'batch': for (const inner of effect.ops) applyEffect(timetable, inner, author, marks); break;
    case 'policy_set': timetable.policy = effect.policy; break;
    default: break; // A newer service's kind: the digest says whether it mattered.
  }
}

/** The fields that a move sets. */
export function patchOf(moved: wire.CourseMoved): Patch {
  return {
    start: parseTime(moved.startsAt), end: parseTime(moved.endsAt),
    ...(moved.trainerId !== undefined && { trainerId: moved.trainerId }),
    ...(moved.studioId !== undefined && { studioId: moved.studioId }),
  };
}

function entryOf(course: wire.Course, marks: Marks): Entry {
  return {
    course, fields: fieldsOf(course), versions: allSetBy(course.version), overridden: marks.get(course.id) ?? false,
  };
}

function edit(
  timetable: Timetable, { courseId, version }: { courseId: string; version: number }, patch: Patch, author: Author,
  marks: Marks,
): void {
  const before = timetable.entry(courseId);
  if (!before) return;
  const fields = patched(before.fields, patch);
  const versions = { ...before.versions };
  for (const field of fieldsSet(patch)) versions[field] = version;
  const { id, createdBy } = before.course;
  const kept = { id, version, createdBy, updatedBy: author.userId, updatedAt: author.at };
  // Who stays where they are stands as before; who moves without need of an override loses it.
  const overridden = marks.get(courseId) ?? (samePlace(before.fields, fields) && before.overridden);
  timetable.put({ course: courseOf(fields, kept), fields, versions, overridden });
}

/** The author of what is decided now. */
export function authorOf(userId: string, now: number): Author {
  return { userId, at: formatTime(now) };
}
