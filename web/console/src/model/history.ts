// The last minutes of something measured each second. Bounded; a moment without an answer is kept as a
// gap, so that a chart does not draw a line over what nobody knows.

/** A moment: what was measured, or null when nothing was. */
export interface Sample<T> { readonly at: number; readonly value: T | null }

const SPANS_MS = [60_000, 120_000, 300_000, 600_000] as const;

/** How much time a chart of these samples shows: the least round span that they fit in. */
export function spanOf(samples: readonly Sample<unknown>[]): number {
  const known = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  return SPANS_MS.find((span) => known <= span) ?? SPANS_MS[3];
}

/** Samples in order of time, none older than `spanMs` before the newest and no more than `limit`. */
export class History<T> {
  readonly #spanMs: number;
  readonly #limit: number;
  #samples: readonly Sample<T>[] = [];

  constructor(spanMs: number, limit: number) {
    this.#spanMs = spanMs;
    this.#limit = limit;
  }

  /** The samples of now. */
  get samples(): readonly Sample<T>[] {
    return this.#samples;
  }

  /** Adds a moment; one that is not after the last is dropped, as when the computer's clock was set back. */
  add(at: number, value: T | null): void {
    const last = this.#samples.at(-1);
    if (last && at <= last.at) {
      if (last.at - at < this.#spanMs) return;
      this.#samples = [];
    }
    const kept = this.#samples.filter((sample) => sample.at >= at - this.#spanMs);
    this.#samples = [...kept, { at, value }].slice(-this.#limit);
  }

  /** Forgets everything. */
  clear(): void {
    this.#samples = [];
  }
}
