// Ways out of a conflict that stands: places near by where the course would clash with nothing. Pure;
// what is free is judged by the caller.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { MINUTE, dayOf, fromWall, minuteOf, toWall, wire as instant } from '../app/time.js';

const STEP = 15;
const REACH = 240;
const OPENS = 360;
const CLOSES = 1320;

/** At most `most` free places, nearest first. */
export function waysOut(
  course: wire.NewCourse, timetable: Timetable, zone: string, isFree: (place: wire.Suggestion) => boolean, most = 3,
): wire.Suggestion[] {
  const found: wire.Suggestion[] = [];
  for (const place of candidates(course, timetable, zone)) {
    if (isFree(place)) found.push(place);
    if (found.length === most) break;
  }
  return found;
}

/** Another studio at the same time first, as that changes least for the people who come. */
function* candidates(course: wire.NewCourse, timetable: Timetable, zone: string): Generator<wire.Suggestion> {
  const { startsAt, endsAt } = course;
  const roomy = timetable.resourcesOf('studio').filter(({ id, capacity }) =>
    id !== course.studioId && (!course.capacity || !capacity || capacity >= course.capacity));
  if (course.studioId) for (const { id } of roomy) yield { startsAt, endsAt, studioId: id };
  const start = toWall(Date.parse(startsAt), zone);
  const length = Date.parse(endsAt) - Date.parse(startsAt);
  for (let away = STEP; away <= REACH; away += STEP) {
    for (const shift of [away, -away]) {
      const wall = start + shift * MINUTE;
      const minute = minuteOf(wall);
      if (dayOf(wall) !== dayOf(start) || minute < OPENS || minute + length / MINUTE > CLOSES) continue;
      const at = fromWall(wall, zone);
      yield { startsAt: instant(at), endsAt: instant(at + length) };
    }
  }
}
