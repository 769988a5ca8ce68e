// Where unsent operations wait, so that closing the page loses none.

import type * as wire from '../wire.js';

/** An operation that is not committed yet, as it is kept. */
export interface Kept {
  /** The client's name for it: the same however often it is sent. */
  readonly opId: string;
  /** Whose: tenant and user. Nobody sends what another left in the same browser. */
  readonly owner: string;
  readonly room: string;
  readonly op: wire.Operation;
  /** Version of the touched entity that the person saw. */
  readonly baseVersion?: number | undefined;
  /** Grows with each operation of a room. */
  readonly order: number;
}

/** A store for unsent operations. Give your own as the client's `storage`. */
export interface Storage {
  /** What one owner has not sent in one room yet, in any order. */
  load(owner: string, room: string): Promise<Kept[]>;
  /** Keeps an operation, or replaces the one of the same `opId`. */
  put(kept: Kept): Promise<void>;
  /** Forgets one; none of that name is no fault. */
  remove(opId: string): Promise<void>;
}

/** Keeps operations as long as the process lives. */
export class MemoryStorage implements Storage {
  #kept = new Map<string, Kept>();

  async load(owner: string, room: string): Promise<Kept[]> {
    return [...this.#kept.values()].filter((kept) => kept.owner === owner && kept.room === room);
  }

  async put(kept: Kept): Promise<void> {
    this.#kept.set(kept.opId, kept);
  }

  async remove(opId: string): Promise<void> {
    this.#kept.delete(opId);
  }
}
