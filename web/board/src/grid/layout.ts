// Where cards go: pure geometry in minutes and fractions of a column.

import type { wire } from '@kyo/collaboration-client';
import { DAY, MINUTE, dayOf, minuteOf, toWall } from '../app/time.js';

/** The part of a course that falls on one day. */
export interface Part {
  course: wire.Course;
  day: number;
  /** Minutes since that day began. */
  from: number;
  to: number;
  first: boolean;
  last: boolean;
}

/** A part with its place across the column, in fractions of it. */
export interface Placed extends Part {
  left: number;
  width: number;
  lanes: number;
}

/** The parts of a course that fall on days `first … last`, one a day. */
export function partsOf(course: wire.Course, first: number, last: number, zone: string): Part[] {
  const start = toWall(Date.parse(course.startsAt), zone);
  const end = Math.max(toWall(Date.parse(course.endsAt), zone), start + MINUTE);
  const from = dayOf(start);
  const until = dayOf(end - 1);
  const parts: Part[] = [];
  for (let day = Math.max(from, first); day <= Math.min(until, last); day += 1) {
    parts.push({
      course, day, first: day === from, last: day === until,
      from: day === from ? minuteOf(start) : 0,
      to: day === until ? Math.ceil((end - day * DAY) / MINUTE) : 1440,
    });
  }
  return parts;
}

/** The hours to show: 6–22 widened to hold every part. */
export function hourRange(parts: readonly Part[]): { first: number; last: number } {
  let first = 6;
  let last = 22;
  for (const { from, to } of parts) {
    first = Math.min(first, Math.floor(from / 60));
    last = Math.max(last, Math.ceil(to / 60));
  }
  return { first, last };
}

/** Puts the parts of one column side by side. A part is taken to last `shortest` minutes at least. */
export function sideBySide(parts: readonly Part[], shortest = 25): Placed[] {
  const end = (part: Part) => Math.max(part.to, part.from + shortest);
  const sorted = [...parts].sort((a, b) =>
    a.from - b.from || b.to - a.to || (a.course.id < b.course.id ? -1 : 1));
  const placed: Placed[] = [];
  let cluster: Part[] = [];
  let until = -1;
  for (const part of sorted) {
    if (part.from >= until) {
      placed.push(...spread(cluster, end));
      cluster = [];
    }
    cluster.push(part);
    until = Math.max(until, end(part));
  }
  placed.push(...spread(cluster, end));
  return placed;
}

function spread(cluster: readonly Part[], end: (part: Part) => number): Placed[] {
  const lanes: Part[][] = [];
  const laneOf = new Map<Part, number>();
  for (const part of cluster) {
    const free = lanes.findIndex((lane) => lane.every((other) => end(other) <= part.from));
    const lane = free < 0 ? lanes.length : free;
    (lanes[lane] ??= []).push(part);
    laneOf.set(part, lane);
  }
  return cluster.map((part) => {
    const lane = laneOf.get(part) ?? 0;
    let span = 1;
    while (lane + span < lanes.length && clear(lanes[lane + span] ?? [], part, end)) span += 1;
    return { ...part, left: lane / lanes.length, width: span / lanes.length, lanes: lanes.length };
  });
}

function clear(lane: readonly Part[], part: Part, end: (part: Part) => number): boolean {
  return lane.every((other) => end(other) <= part.from || end(part) <= other.from);
}
