// At most one call in so many milliseconds; what comes meanwhile is replaced by what comes later.

/** Holds back all but the newest value. */
export class Throttle<T> {
  #newest: { value: T } | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly call: (value: T) => void, private readonly everyMs: () => number) {}

  /** Calls now when that is allowed, else with the newest value as soon as it is. */
  push(value: T): void {
    this.#newest = { value };
    if (this.#timer !== null) return;
    const wait = this.#lastAt + this.everyMs() - performance.now();
    if (wait <= 0) this.#fire();
    else this.#timer = setTimeout(() => this.#fire(), wait);
  }

  /** Forgets what is held back. */
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#newest = null;
  }

  #fire(): void {
    this.#timer = null;
    const newest = this.#newest;
    if (!newest) return;
    this.#newest = null;
    this.#lastAt = performance.now();
    this.call(newest.value);
  }
}
