// Where a class begins that is made without pointing at a time. Pure.

import type { wire } from '@kyo/collaboration-client';
import { NEW_LENGTH, type Stretch, dayStart, stretchOf } from '../grid/moving.js';
import { dayOf, minuteOf } from './time.js';

const MORNING = 10;
const LATEST = 20;

/** Right after a course. */
export function after(course: wire.Course, zone: string): Stretch {
  const { end } = stretchOf(course, zone);
  return { start: end, end: end + NEW_LENGTH };
}

/** The next full hour where today is among the days `first … last`, else a morning among them. */
export function soon(first: number, last: number, wall: number): Stretch {
  const day = Math.min(last, Math.max(first, dayOf(wall)));
  const hour = day === dayOf(wall) ? Math.min(LATEST, Math.floor(minuteOf(wall) / 60) + 1) : MORNING;
  const start = dayStart(day) + hour * 60;
  return { start, end: start + NEW_LENGTH };
}
