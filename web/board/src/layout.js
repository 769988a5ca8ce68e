// Where cards go in a week: pure geometry in minutes and fractions of a column.

import { DAY, MINUTE, dayOf, minuteOf, toWall } from './time.js';

/** The parts of a course that fall on days `monday … monday+6`, one per day. */
export function segments(course, monday, zone) {
  const start = toWall(Date.parse(course.startsAt), zone);
  const end = Math.max(toWall(Date.parse(course.endsAt), zone), start + MINUTE);
  const parts = [];
  const last = dayOf(end - 1);
  for (let day = dayOf(start); day <= last; day += 1) {
    const column = day - monday;
    if (column < 0 || column > 6) continue;
    const from = day === dayOf(start) ? minuteOf(start) : 0;
    const to = day === last ? Math.ceil((end - day * DAY) / MINUTE) : 1440;
    parts.push({ course, column, from, to, first: day === dayOf(start), last: day === last });
  }
  return parts;
}

/** The hours to show: 6–22 widened to hold every part. */
export function hourRange(parts) {
  let first = 6;
  let last = 22;
  for (const { from, to } of parts) {
    first = Math.min(first, Math.floor(from / 60));
    last = Math.max(last, Math.ceil(to / 60));
  }
  return { first, last };
}

/** Puts the parts of one day side by side: gives each `left` and `width` as fractions. */
export function sideBySide(parts, shortest = 25) {
  const sorted = [...parts].sort((a, b) =>
    a.from - b.from || b.to - a.to || (a.course.id < b.course.id ? -1 : 1));
  const ends = (part) => Math.max(part.to, part.from + shortest);
  let cluster = [];
  let until = -1;
  for (const part of sorted) {
    if (part.from >= until) {
      spread(cluster, ends);
      cluster = [];
    }
    cluster.push(part);
    until = Math.max(until, ends(part));
  }
  spread(cluster, ends);
  return sorted;
}

function spread(cluster, ends) {
  const lanes = [];
  for (const part of cluster) {
    let lane = lanes.findIndex((taken) => ends(taken.at(-1)) <= part.from);
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane].push(part);
    part.lane = lane;
  }
  for (const part of cluster) {
    let span = 1;
    while (part.lane + span < lanes.length && free(lanes[part.lane + span], part, ends)) span += 1;
    part.left = part.lane / lanes.length;
    part.width = span / lanes.length;
    part.lanes = lanes.length;
  }
}

function free(lane, part, ends) {
  return lane.every((other) => ends(other) <= part.from || ends(part) <= other.from);
}
