// Points in time as milliseconds since 1970, and as the service writes them.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** The longest course. */
export const MAX_LENGTH = 24 * HOUR;

/** Reads an RFC 3339 time; NaN for anything else. */
export function parseTime(text: string): number {
  return Date.parse(text.toUpperCase());
}

/** In UTC, with milliseconds only when they are not zero. */
export function formatTime(millis: number): string {
  return new Date(millis).toISOString().replace('.000Z', 'Z');
}
