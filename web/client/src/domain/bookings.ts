// Who is where when: the courses of each resource, by start. Courses are at most a day long, so a
// question about an interval looks at a bounded stretch before it. A copy shares the lists.

import type { Fields } from './course.js';
import { byBytes } from './order.js';
import { keysOf, resourceKey } from './rule.js';
import { MAX_LENGTH } from './time.js';

/** One course on one resource. */
export interface Booking {
  readonly start: number;
  readonly end: number;
  readonly courseId: string;
}

/** The bookings of every resource that has any. */
export class Bookings {
  #lists: Map<string, Booking[]>;
  /** Lists that no copy shares, so that they may be changed in place. */
  #own = new Set<string>();

  constructor(from?: Bookings) {
    this.#lists = new Map(from ? from.#lists : []);
    if (from) from.#own.clear();
  }

  /** Resources with at least one booking. */
  keys(): Iterable<string> {
    return this.#lists.keys();
  }

  /** The bookings of a resource by start. */
  on(key: string): readonly Booking[] {
    return this.#lists.get(key) ?? [];
  }

  /** Bookings that come closer than `buffer` milliseconds to the interval, by start. */
  near(key: string, start: number, end: number, buffer: number): Booking[] {
    const list = this.on(key);
    const found: Booking[] = [];
    for (let at = firstFrom(list, start - (MAX_LENGTH + buffer)); at < list.length; at += 1) {
      const booking = list[at];
      if (!booking || booking.start >= end + buffer) break;
      if (start < booking.end + buffer) found.push(booking);
    }
    return found;
  }

  /** Adds a course to the resources that it takes. */
  add(courseId: string, { start, end, ...course }: Fields): void {
    for (const { kind, id } of keysOf(course)) {
      const key = resourceKey(kind, id);
      const list = this.#mine(key);
      list.splice(place(list, start, courseId), 0, { start, end, courseId });
    }
  }

  /** Takes a course off the resources that it took. */
  remove(courseId: string, course: Fields): void {
    for (const { kind, id } of keysOf(course)) {
      const key = resourceKey(kind, id);
      const list = this.#mine(key);
      const at = place(list, course.start, courseId);
      if (list[at]?.courseId === courseId) list.splice(at, 1);
      if (list.length === 0) this.#lists.delete(key);
    }
  }

  #mine(key: string): Booking[] {
    const list = this.#lists.get(key);
    if (list && this.#own.has(key)) return list;
    const mine = [...(list ?? [])];
    this.#own.add(key);
    this.#lists.set(key, mine);
    return mine;
  }
}

/** Where the bookings from `start` on begin. */
function firstFrom(list: readonly Booking[], start: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.start ?? Infinity) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a booking belongs: by start, then by course. */
function place(list: readonly Booking[], start: number, courseId: string): number {
  let at = firstFrom(list, start);
  for (let next = list[at]; next?.start === start && byBytes(next.courseId, courseId) < 0; next = list[at]) at += 1;
  return at;
}
