// When to try again, and whether at all. Pure but for the random source handed in.

const BASE_MS = 400;
const CAP_MS = 20_000;

/** Exponential with full jitter above a floor, so that a thousand clients do not come back at once. */
export function delay(attempt, random = Math.random) {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** attempt);
  return Math.round(ceiling / 4 + random() * ceiling * 0.75);
}

/**
 * What a close code asks for: `retry` after at least `floorMs`, a new `token` first, or `stop`.
 * Codes 4000–4399 may heal by reconnecting, 4400–4499 do not (protocol, section 8).
 */
export function afterClose(code) {
  switch (code) {
    case 4001: case 4002: return { next: 'token', floorMs: 0 };
    case 4003: return { next: 'stop', floorMs: 0 };
    case 4029: return { next: 'retry', floorMs: 5000 };
    default:
      return code >= 4400 && code <= 4499
        ? { next: 'stop', floorMs: 0 } : { next: 'retry', floorMs: 0 };
  }
}
