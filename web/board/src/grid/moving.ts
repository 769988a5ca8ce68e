// What a drag or a key makes of a course's time and place. Pure: wall-clock minutes in, operations out.

import type { wire } from '@kyo/collaboration-client';
import { DAY, MINUTE, fromWall, toWall, wire as instant } from '../app/time.js';
import { type Column, ownerOf } from './view.js';

/** Everything snaps to this. */
export const SNAP = 15;
/** Length of a class that is made without saying one. */
export const NEW_LENGTH = 60;

const DAY_MINUTES = 1440;

/** A stretch of wall time, in minutes since 1970. */
export interface Stretch {
  start: number;
  end: number;
}

/** Times as the protocol writes them. */
export interface Times {
  startsAt: string;
  endsAt: string;
}

const snapped = (minute: number) => Math.round(minute / SNAP) * SNAP;
const floored = (minute: number) => Math.floor(minute / SNAP) * SNAP;

/** The first minute of a day. */
export const dayStart = (day: number) => (day * DAY) / MINUTE;

/** When a course is, by the room's clock. */
export function stretchOf(course: Times, zone: string): Stretch {
  return { start: toWall(Date.parse(course.startsAt), zone) / MINUTE, end: toWall(Date.parse(course.endsAt), zone) / MINUTE };
}

/** The instants of a stretch. */
export function timesOf({ start, end }: Stretch, zone: string): Times {
  return { startsAt: instant(fromWall(start * MINUTE, zone)), endsAt: instant(fromWall(end * MINUTE, zone)) };
}

/** Empty time from where the pointer went down to where it is. */
export function drawn(day: number, anchor: number, here: number): Stretch {
  const [from, to] = [floored(anchor), floored(here)];
  const start = dayStart(day) + Math.min(from, to);
  return { start, end: dayStart(day) + Math.max(from, to) + (to >= from ? SNAP : 0) };
}

/** A new class where somebody pointed. */
export function begun(day: number, minute: number): Stretch {
  const start = dayStart(day) + Math.min(DAY_MINUTES - NEW_LENGTH, floored(minute));
  return { start, end: start + NEW_LENGTH };
}

/** The end follows the pointer. */
export function resized({ start }: Stretch, day: number, minute: number): Stretch {
  return { start, end: Math.min(start + DAY_MINUTES, Math.max(start + SNAP, snapped(dayStart(day) + minute))) };
}

/** The whole follows the pointer, which took hold `grab` minutes after the start. */
export function moved({ start, end }: Stretch, day: number, minute: number, grab: number): Stretch {
  const first = dayStart(day);
  const to = Math.min(first + DAY_MINUTES - SNAP, Math.max(first, snapped(first + minute - grab)));
  return { start: to, end: to + end - start };
}

/** What a course must take on to belong in a column: its trainer or studio. */
export function ownership(course: wire.Course, column: Column): { trainerId?: string | null; studioId?: string | null } {
  const { owner } = column;
  if (!owner || ownerOf(course, owner.kind).id === owner.id) return {};
  return owner.kind === 'trainer' ? { trainerId: owner.id } : { studioId: owner.id };
}

/** The operation that puts a course there, or null when it is there already. */
export function moveOp(course: wire.Course, stretch: Stretch, column: Column | undefined, zone: string): wire.Operation | null {
  const times = timesOf(stretch, zone);
  const owner = column ? ownership(course, column) : {};
  const still = Date.parse(times.startsAt) === Date.parse(course.startsAt) && Date.parse(times.endsAt) === Date.parse(course.endsAt);
  return still && Object.keys(owner).length === 0 ? null : { kind: 'course_move', courseId: course.id, ...times, ...owner };
}

/** A step by keyboard: quarters of an hour up or down, `end` only its end, `to` another column. */
export interface Step {
  quarters?: number;
  end?: boolean;
  to?: Column;
  from?: Column;
}

/** The operation of a step, or null when there is nothing to do. */
export function stepOp(course: wire.Course, { quarters = 0, end = false, to, from }: Step, zone: string): wire.Operation | null {
  const now = stretchOf(course, zone);
  const minutes = quarters * SNAP + (to && from ? dayStart(to.day) - dayStart(from.day) : 0);
  const wanted = { start: end ? now.start : now.start + minutes, end: now.end + minutes };
  if (wanted.end - wanted.start < SNAP) return null;
  return moveOp(course, wanted, to, zone);
}
