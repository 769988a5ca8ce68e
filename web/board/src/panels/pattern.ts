// A template as a weekly pattern: made from a week of courses, and laid out over a range of days as
// the service does it (protocol, `template_apply`). Pure.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { DAY, HOUR, MINUTE, clockText, dayOf, fromWall, minuteOf, parseClock, parseDate, toWall, wire as written } from '../app/time.js';

/** The longest range of one application, both ends included. */
export const MOST_DAYS = 366;

/** A class that an application would make. */
export interface Occurrence { readonly slot: wire.Slot; readonly day: number; readonly startsAt: string; readonly endsAt: string }

/** Slots in the order of the week. */
export function sorted(slots: readonly wire.Slot[]): wire.Slot[] {
  return [...slots].sort((a, b) => a.weekday - b.weekday || a.start.localeCompare(b.start) || a.title.localeCompare(b.title));
}

/** The pattern of the week that begins on a Monday. */
export function slotsOfWeek(courses: Iterable<wire.Course>, monday: number, zone: string): wire.Slot[] {
  const slots: wire.Slot[] = [];
  for (const course of courses) {
    const start = toWall(Date.parse(course.startsAt), zone);
    const column = dayOf(start) - monday;
    if (column < 0 || column > 6) continue;
    const minutes = Math.round((Date.parse(course.endsAt) - Date.parse(course.startsAt)) / MINUTE);
    slots.push({ weekday: column + 1, start: clockText(minuteOf(start)), minutes, ...kept(course) });
  }
  return sorted(slots);
}

function kept({ title, trainerId, studioId, capacity, color, tags }: wire.Course): Omit<wire.Slot, 'weekday' | 'start' | 'minutes'> {
  return {
    title, ...(trainerId && { trainerId }), ...(studioId && { studioId }), ...(capacity && { capacity }),
    ...(color && { color }), ...(tags.length > 0 && { tags }),
  };
}

/** The days of a range, or null when it can't be applied. */
export function daysOf(from: string, to: string): { first: number; last: number } | null {
  const [first, last] = [parseDate(from), parseDate(to)];
  return first === null || last === null || last < first || last - first >= MOST_DAYS ? null : { first, last };
}

/** Every class of the pattern in a range, in order. */
export function expand(slots: readonly wire.Slot[], { first, last }: { first: number; last: number }, zone: string): Occurrence[] {
  const week = sorted(slots);
  const found: Occurrence[] = [];
  for (let day = first; day <= last; day += 1) {
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
    for (const slot of week.filter((each) => each.weekday === weekday)) found.push(occurrence(slot, day, zone));
  }
  return found;
}

function occurrence(slot: wire.Slot, day: number, zone: string): Occurrence {
  const start = earliest(day * DAY + (parseClock(slot.start) ?? 0) * MINUTE, zone);
  return { slot, day, startsAt: written(start), endsAt: written(start + slot.minutes * MINUTE) };
}

/** Where the clock shows a time twice, the first; where it skips it, later by the gap. */
function earliest(wall: number, zone: string): number {
  const at = fromWall(wall, zone);
  return toWall(at - HOUR, zone) === wall ? at - HOUR : at;
}

/** What stands where an occurrence would be, of what this room knows; the service knows more. */
export function inTheWay({ slot, startsAt, endsAt }: Occurrence, timetable: Timetable): wire.Course | null {
  const forbids = (kind: 'trainer' | 'studio', id: string | null | undefined) => {
    if (!id) return null;
    const resource = kind === 'trainer' ? timetable.trainer(id) : timetable.studio(id);
    const rule = resource?.overlap ?? timetable.policy.defaultOverlap;
    return rule === 'forbid' ? { id, buffer: (resource?.bufferMinutes ?? 0) * MINUTE } : null;
  };
  const [trainer, studio] = [forbids('trainer', slot.trainerId), forbids('studio', slot.studioId)];
  if (!trainer && !studio) return null;
  const [start, end] = [Date.parse(startsAt), Date.parse(endsAt)];
  const meets = (course: wire.Course, buffer: number) =>
    Date.parse(course.startsAt) < end + buffer && start < Date.parse(course.endsAt) + buffer;
  for (const course of timetable.courses.values()) {
    if (trainer && course.trainerId === trainer.id && meets(course, trainer.buffer)) return course;
    if (studio && course.studioId === studio.id && meets(course, studio.buffer)) return course;
  }
  return null;
}
