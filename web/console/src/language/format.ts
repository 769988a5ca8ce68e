// Numbers and times in the language of now, in the browser's own time zone.

import { intl } from '../../../shared/locale.js';

const made = new Map<string, Intl.DateTimeFormat>();

function written(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${intl()} ${JSON.stringify(options)}`;
  let format = made.get(key);
  if (!format) made.set(key, format = new Intl.DateTimeFormat(intl(), options));
  return format.format(at);
}

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** `14:20:07`. */
export const clockText = (at: number) => written(at, CLOCK);

/** `14:20:07` of today, `24 Nov, 14:20:07` of another day. */
export function timeText(time: string, now = Date.now()): string {
  const at = Date.parse(time);
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return today ? clockText(at) : written(at, { day: 'numeric', month: 'short', ...CLOCK });
}

/** `3 min. ago`, in the largest unit that fits; `null` is a dash. */
export function agoText(time: string | null, now = Date.now()): string {
  if (time === null) return '–';
  const [count, unit] = inUnits(Math.max(0, now - Date.parse(time)));
  return new Intl.RelativeTimeFormat(intl(), { numeric: 'always', style: 'narrow' }).format(-count, unit);
}

/** `3 hr`, in the largest unit that fits. */
export function spanText(ms: number): string {
  const [count, unit] = inUnits(ms);
  return count.toLocaleString(intl(), { style: 'unit', unit, unitDisplay: 'short' });
}

function inUnits(ms: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return [seconds, 'second'];
  if (seconds < 3600) return [Math.floor(seconds / 60), 'minute'];
  if (seconds < 86_400) return [Math.floor(seconds / 3600), 'hour'];
  return [Math.floor(seconds / 86_400), 'day'];
}

/** `1,234`, and one place after the point below ten. */
export const numberText = (value: number) => value.toLocaleString(intl(), { maximumFractionDigits: value < 10 ? 1 : 0 });
/** `4.2 ms`. */
export const msText = (value: number) => `${numberText(value)} ms`;
