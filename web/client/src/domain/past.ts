// The newest events of a room with what would revert them: where undo and redo look.

import type * as wire from '../wire.js';

/** One event of the past. */
export interface Remembered {
  readonly event: wire.Event;
  /** What would revert it, in order; null where that is not known. */
  readonly inverse: readonly wire.Operation[] | null;
  readonly touched: ReadonlySet<string>;
}

/** A bounded, gapless run of events. */
export class Past {
  #events: Remembered[] = [];

  constructor(private readonly capacity = 500) {}

  /** Oldest first. */
  get events(): readonly Remembered[] {
    return this.#events;
  }

  /** Whether it reaches back to the first event of the room. */
  get complete(): boolean {
    return (this.#events[0]?.event.seq ?? 0) === 1;
  }

  /** Takes the next event; what is not next begins a new run. */
  push(remembered: Remembered): void {
    const last = this.#events.at(-1);
    if (last && remembered.event.seq !== last.event.seq + 1) this.#events = [];
    this.#events.push(remembered);
    if (this.#events.length > this.capacity) this.#events.shift();
  }

  copy(): Past {
    const other = new Past(this.capacity);
    other.#events = [...this.#events];
    return other;
  }
}
