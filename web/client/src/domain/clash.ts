// Finding conflicts: which pairs of courses stand too close on a resource, and which courses are too
// large for their studio. What a conflict means (refused, reported) is decided elsewhere.

import type * as wire from '../wire.js';
import type { Booking } from './bookings.js';
import { MAX_CONFLICTS, conflictOf } from './conflict.js';
import type { Fields } from './course.js';
import { type Key, type Rule, keysOf, resourceKey } from './rule.js';
import { formatTime } from './time.js';
import type { Timetable } from './timetable.js';

/** Every conflict that the course would be part of with these fields, under the rules of now. */
export function conflictsWith(state: Timetable, id: string, fields: Fields): wire.Conflict[] {
  const own = named(state, id, fields);
  return keysOf(fields).flatMap((key) => {
    const large = tooLarge(key, state.rule(resourceKey(key.kind, key.id)), fields, own);
    const close = tooClose(state, key, id, fields).map((booking) => pair(key, own, booked(state, booking)));
    return [...large, ...close];
  });
}

/** Whether a course could stand there without touching another, where that matters. */
export function isFree(state: Timetable, id: string, fields: Fields): boolean {
  return keysOf(fields).every((key) => tooClose(state, key, id, fields).length === 0);
}

/** Every conflict on one resource if `rule` held there. */
export function conflictsOn(state: Timetable, key: Key, rule: Rule): wire.Conflict[] {
  const bookings = state.bookings.on(resourceKey(key.kind, key.id));
  const found: wire.Conflict[] = [];
  for (const [index, booking] of bookings.entries()) {
    const own = booked(state, booking);
    const entry = state.entry(booking.courseId);
    if (entry) found.push(...tooLarge(key, rule, entry.fields, own));
    for (let at = index + 1; rule.overlap !== 'allow' && at < bookings.length; at += 1) {
      const next = bookings[at];
      if (!next || next.start >= booking.end + rule.buffer) break;
      found.push(pair(key, own, booked(state, next)));
    }
    if (found.length > MAX_CONFLICTS) break;
  }
  return found;
}

function tooClose(state: Timetable, key: Key, id: string, fields: Fields): Booking[] {
  const text = resourceKey(key.kind, key.id);
  const rule = state.rule(text);
  if (rule.overlap === 'allow') return [];
  return state.bookings.near(text, fields.start, fields.end, rule.buffer).filter((booking) => booking.courseId !== id);
}

function tooLarge(key: Key, rule: Rule, fields: Fields, own: wire.ConflictCourse): wire.Conflict[] {
  if (key.kind !== 'studio' || fields.capacity === null || rule.capacity === null) return [];
  return fields.capacity > rule.capacity ? [conflictOf('capacity_exceeded', key.id, [own])] : [];
}

function pair(key: Key, one: wire.ConflictCourse, other: wire.ConflictCourse): wire.Conflict {
  return conflictOf(key.kind === 'trainer' ? 'trainer_overlap' : 'studio_overlap', key.id, [one, other]);
}

function named(state: Timetable, courseId: string, { title, start, end }: Fields): wire.ConflictCourse {
  return { courseId, room: state.room, title, startsAt: formatTime(start), endsAt: formatTime(end) };
}

function booked(state: Timetable, { courseId, start, end }: Booking): wire.ConflictCourse {
  const title = state.courses.get(courseId)?.title;
  return {
    courseId, room: state.room, ...(title !== undefined && { title }),
    startsAt: formatTime(start), endsAt: formatTime(end),
  };
}
