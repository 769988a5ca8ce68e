// What would work instead: the nearest free times, later and earlier, for the same trainer and studio,
// and another registered trainer or studio that is free at the time asked for.

import type * as wire from '../../wire.js';
import { isFree } from '../clash.js';
import { conflictKey } from '../conflict.js';
import type { Fields } from '../course.js';
import { byBytes } from '../order.js';
import { HOUR, MINUTE, formatTime } from '../time.js';
import type { Timetable } from '../timetable.js';

const MAX_SUGGESTIONS = 3;
const STEP = 15 * MINUTE;
const REACH = 24 * HOUR;
const MAX_TRIED = 200;

/** At most three places for a course that was refused. */
export function suggest(
  state: Timetable, id: string, course: Fields, conflicts: readonly wire.Conflict[],
): wire.Suggestion[] {
  const free = (fields: Fields) => isFree(state, id, fields);
  const [later, earlier] = [freeTimes(course, 1, free), freeTimes(course, -1, free)];
  const found = [later, earlier].flatMap((times) => times.slice(0, 1));
  const distance = (fields: Fields) => Math.abs(fields.start - course.start);
  found.sort((a, b) => distance(a) - distance(b));
  const rest = () => MAX_SUGGESTIONS - found.length;
  found.push(...others(state, course, conflicts).filter(free).slice(0, rest()));
  const known = new Set(found.map((fields) => JSON.stringify(fields)));
  const more = [...later, ...earlier].filter((fields) => !known.has(JSON.stringify(fields)));
  found.push(...more.slice(0, rest()));
  return found.map(suggestion);
}

/** At most three free times in one direction, the nearest first. */
function freeTimes(course: Fields, sign: number, free: (fields: Fields) => boolean): Fields[] {
  const found: Fields[] = [];
  for (let by = STEP; by <= REACH && found.length < MAX_SUGGESTIONS + 1; by += STEP) {
    const shifted = { ...course, start: course.start + sign * by, end: course.end + sign * by };
    if (free(shifted)) found.push(shifted);
  }
  return found;
}

/** The course with another trainer or in another studio, where that is what clashes. */
function others(state: Timetable, course: Fields, conflicts: readonly wire.Conflict[]): Fields[] {
  const clashing = new Set(conflicts.map((conflict) => conflictKey(conflict).kind));
  const known = [...state.resources.values()].sort((a, b) => byBytes(a.id, b.id) || byBytes(b.kind, a.kind));
  return known.slice(0, MAX_TRIED)
    .filter(({ kind, capacity }) => clashing.has(kind) && (course.capacity ?? 0) <= (capacity ?? Infinity))
    .map(({ kind, id }) => ({ ...course, [kind === 'trainer' ? 'trainerId' : 'studioId']: id }));
}

function suggestion({ start, end, trainerId, studioId }: Fields): wire.Suggestion {
  return {
    startsAt: formatTime(start), endsAt: formatTime(end),
    ...(trainerId !== null && { trainerId }), ...(studioId !== null && { studioId }),
  };
}
