// Wall-clock time of a room's zone. Owns every conversion between instants and what a clock in the
// room shows; never touches the page. "Wall" is the zone's clock reading, kept as if it were UTC.

import { intl, locale } from '../../../shared/locale.js';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formats.set(zone, found);
  }
  return found;
}

/** Whether the browser knows this zone. */
export function knownZone(zone: string): boolean {
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

/** How far the zone's clock is ahead of UTC at an instant. Zones change on quarter hours at most. */
function offset(ms: number, zone: string): number {
  const quarter = Math.floor(ms / (15 * MINUTE));
  const key = `${zone}|${quarter}`;
  let found = offsets.get(key);
  if (found === undefined) {
    const at = quarter * 15 * MINUTE;
    found = wallAt(at, zone) - at;
    if (offsets.size > 20_000) offsets.clear();
    offsets.set(key, found);
  }
  return found;
}

function wallAt(at: number, zone: string): number {
  const parts = format(zone).formatToParts(at);
  const field = (name: string) => Number(parts.find(({ type }) => type === name)?.value);
  return Date.UTC(field('year'), field('month') - 1, field('day'), field('hour'), field('minute'), field('second'));
}

/** What the room's clock shows at an instant. */
export function toWall(ms: number, zone: string): number {
  return ms + offset(ms, zone);
}

/** The instant at which the room's clock shows `wall`; in a gap of daylight saving, the one after it. */
export function fromWall(wall: number, zone: string): number {
  const first = wall - offset(wall, zone);
  const second = wall - offset(first, zone);
  if (toWall(second, zone) === wall) return second;
  return Math.max(first, second);
}

/** Days since 1970-01-01 of a wall time. */
export function dayOf(wall: number): number {
  return Math.floor(wall / DAY);
}

/** Minutes since the wall day began. */
export function minuteOf(wall: number): number {
  return Math.floor((wall - dayOf(wall) * DAY) / MINUTE);
}

/** The Monday of a day's week. */
export function mondayOf(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7);
}

/** `2026-01-05` of a day number. */
export function dateText(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** Day number of `2026-01-05`, or null. */
export function parseDate(text: string | null | undefined): number | null {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text ?? '') ? Date.parse(`${text ?? ''}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) ? null : ms / DAY;
}

/** `09:05` of minutes since midnight; 24:00 stays 24:00. */
export function clockText(minute: number): string {
  const hours = Math.floor(minute / 60);
  return `${String(hours).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** Minutes of `09:05`, or null. */
export function parseClock(text: string | null | undefined): number | null {
  const found = /^(\d\d):(\d\d)/.exec(text ?? '');
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** An instant as the protocol writes it. */
export function wire(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

const named = (options: Intl.DateTimeFormatOptions) => {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (day: number) => {
    const tag = intl();
    const found = made.get(tag) ?? new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options });
    made.set(tag, found);
    return found.format(day * DAY);
  };
};

/** `Mon` */
export const weekdayName = named({ weekday: 'short' });
/** `Monday 24 November` */
export const longDay = named({ weekday: 'long', day: 'numeric', month: 'long' });
/** `Mon 24 Nov` */
export const shortDay = named({ weekday: 'short', day: 'numeric', month: 'short' });
/** `24` */
export const dayNumber = (day: number): string => String(new Date(day * DAY).getUTCDate());
/** `Mon 24 November 2026` */
export const fullDay = named({ weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' });
const monthYear = named({ month: 'long', year: 'numeric' });
const dayMonth = named({ day: 'numeric', month: 'short' });
const dayMonthYear = named({ day: 'numeric', month: 'short', year: 'numeric' });

/** The label of the week that begins on a Monday. */
export function weekLabel(monday: number): string {
  const sunday = monday + 6;
  if (monthYear(monday) === monthYear(sunday)) {
    return locale.value === 'en' ? `${dayNumber(monday)} – ${dayNumber(sunday)} ${monthYear(sunday)}`
      : `${monthYear(monday)}${dayNumber(monday)}日 – ${dayNumber(sunday)}日`;
  }
  return `${dayMonth(monday)} – ${dayMonthYear(sunday)}`;
}

/** `Tue 24 Nov, 09:00–10:00` in the room's zone. */
export function spanText(startsAt: string, endsAt: string, zone: string): string {
  const start = toWall(Date.parse(startsAt), zone);
  const end = toWall(Date.parse(endsAt), zone);
  return `${shortDay(dayOf(start))}, ${clockText(minuteOf(start))}–${clockText(minuteOf(end))}`;
}

/** `just now`, `5 min ago`, `14:20`, `3 Nov, 14:20`. */
export function agoText(at: string, now: number, zone: string): string {
  const ms = Date.parse(at);
  const gone = now - ms;
  if (gone < MINUTE) return 'just now';
  if (gone < HOUR) return `${Math.floor(gone / MINUTE)} min ago`;
  const wall = toWall(ms, zone);
  const clock = clockText(minuteOf(wall));
  return dayOf(wall) === dayOf(toWall(now, zone)) ? clock : `${dayMonth(dayOf(wall))}, ${clock}`;
}
