// When to try again, and whether at all. Pure but for the random source handed in.

const BASE_MS = 400;
const CAP_MS = 20_000;

/** Exponential with full jitter, so that a thousand clients do not come back at once. */
export function delay(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16)));
}

/** What a close asks for. */
export interface Next {
  /** Try again, get a new token first, or give up. */
  readonly next: 'retry' | 'token' | 'stop';
  /** Not before this many milliseconds. */
  readonly floorMs: number;
}

/** Codes 4000–4399 may heal by reconnecting, 4400–4499 do not (protocol, section 8). */
export function afterClose(code: number): Next {
  switch (code) {
    case 4001: case 4002: return { next: 'token', floorMs: 0 };
    case 4003: return { next: 'stop', floorMs: 0 };
    case 4029: return { next: 'retry', floorMs: 5000 };
    default: return { next: code >= 4400 && code <= 4499 ? 'stop' : 'retry', floorMs: 0 };
  }
}
