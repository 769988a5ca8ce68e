// Two courses that want the same thing, or one that is too large for its studio.

import type * as wire from '../wire.js';
import { hash64 } from './digest.js';
import { byBytes } from './order.js';
import { type Key, resourceKey } from './rule.js';

/** The most conflicts that stand in one room. */
export const MAX_CONFLICTS = 20_000;
/** The most that one refusal lists. */
export const MAX_LISTED = 100;

/** A conflict with its courses in order and its id derived; not yet tied to an event. */
export function conflictOf(
  kind: wire.ConflictKindName, resourceId: string, found: readonly wire.ConflictCourse[],
): wire.Conflict {
  const courses = [...found].sort((a, b) => byBytes(a.courseId, b.courseId) || byBytes(a.room, b.room));
  // Two rooms may use the same course ids, so a conflict across them names the rooms too.
  const across = courses.some((course) => course.room !== courses[0]?.room);
  const parts = [kind, resourceId, ...courses.map((course) => course.courseId)];
  if (across) parts.push(...courses.map((course) => course.room));
  return { id: hash64(parts.map((part) => `${part}\u0000`).join('')), kind, resourceId, courses };
}

/** The resource that a conflict is about. */
export function conflictKey(conflict: wire.Conflict): Key {
  return { kind: conflict.kind === 'trainer_overlap' ? 'trainer' : 'studio', id: conflict.resourceId };
}

export function conflictKeyText(conflict: wire.Conflict): string {
  const { kind, id } = conflictKey(conflict);
  return resourceKey(kind, id);
}

/** Whether a course of a room is part of it. */
export function names(conflict: wire.Conflict, courseId: string, room: string): boolean {
  return conflict.courses.some((course) => course.courseId === courseId && course.room === room);
}

/** Whether the two say the same, whoever made them. */
export function sameClash(one: wire.Conflict, other: wire.Conflict): boolean {
  return one.id === other.id && one.courses.length === other.courses.length
    && one.courses.every((course, at) => sameCourse(course, other.courses[at]));
}

function sameCourse(one: wire.ConflictCourse, other: wire.ConflictCourse | undefined): boolean {
  return other !== undefined && one.courseId === other.courseId && one.room === other.room
    && (one.title ?? null) === (other.title ?? null) && one.startsAt === other.startsAt && one.endsAt === other.endsAt;
}
