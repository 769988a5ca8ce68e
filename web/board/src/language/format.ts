// Dates and numbers in the language of now. Days are numbers since 1970-01-01, wall times are clock
// readings of the room kept as if they were UTC, as in `app/time`.

import { intl } from '../../../shared/locale.js';

const DAY = 86_400_000;
const made = new Map<string, Intl.DateTimeFormat>();

function written(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${intl()} ${JSON.stringify(options)}`;
  let format = made.get(key);
  if (!format) made.set(key, format = new Intl.DateTimeFormat(intl(), { timeZone: 'UTC', ...options }));
  return format.format(at);
}

/** `Monday`, of 1 to 7. */
export const weekdayLong = (weekday: number) => written((weekday + 3) * DAY, { weekday: 'long' });
/** `Tue 24 Nov`. */
export const dayText = (day: number) => written(day * DAY, { weekday: 'short', day: 'numeric', month: 'short' });
/** `24 Nov 2026`. */
export const dateTextLong = (day: number) => written(day * DAY, { day: 'numeric', month: 'short', year: 'numeric' });
/** `24 Nov, 14:20` of a wall time. */
export const momentText = (wall: number) =>
  written(wall, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
/** `14:20` of a wall time. */
export const clockOf = (wall: number) => written(wall, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
/** `5 minutes ago`. */
export const minutesAgo = (minutes: number) =>
  new Intl.RelativeTimeFormat(intl(), { numeric: 'always', style: 'short' }).format(-minutes, 'minute');
/** `a, b and c`. */
export const listText = (parts: readonly string[]) => new Intl.ListFormat(intl(), { type: 'conjunction' }).format(parts);
