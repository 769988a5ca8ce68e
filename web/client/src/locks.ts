// Soft locks of one room: which courses are in whose hands, and keeping the ones in ours for as long
// as we want them.

import type { Connection } from './connection.js';
import { refusalOf } from './error.js';
import type * as wire from './wire.js';

const TTL_MS = 20_000;
/** Renewed when this part of its time is over. */
const RENEW_AT = 0.5;

interface Mine {
  taking: Promise<wire.Locked>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The locks of one room. */
export class Locks {
  /** Every lock that we were told of, by course; also ours. */
  held = new Map<string, wire.HeldLock>();
  #mine = new Map<string, Mine>();

  constructor(private readonly connection: Connection, private readonly room: string) {}

  /** All locks as `joined` lists them; a new session must take its own again. */
  reset(held: readonly wire.HeldLock[]): void {
    this.held = new Map(held.map((lock) => [lock.courseId, lock]));
    for (const courseId of [...this.#mine.keys()]) {
      if (this.held.get(courseId)?.sessionId !== this.connection.welcome?.sessionId) void this.#retake(courseId);
    }
  }

  /** Takes one push. */
  take({ held, released }: wire.LockChanges): void {
    for (const courseId of released) this.held.delete(courseId);
    for (const lock of held) this.held.set(lock.courseId, lock);
  }

  /** The lock that another session holds on a course, unless it has run out. */
  against(courseId: string): wire.HeldLock | null {
    const lock = this.held.get(courseId);
    if (!lock || lock.sessionId === this.connection.welcome?.sessionId) return null;
    return Date.parse(lock.expiresAt) > Date.now() ? lock : null;
  }

  /** Takes a lock and renews it until `unlock`; rejects with code `locked` when somebody else has it. */
  async lock(courseId: string): Promise<wire.Locked> {
    const mine = this.#mine.get(courseId);
    if (mine) return mine.taking;
    const taking = this.#ask(courseId);
    this.#mine.set(courseId, { taking, timer: undefined });
    try {
      return await taking;
    } catch (error) {
      this.#mine.delete(courseId);
      throw error;
    }
  }

  /** Gives it back; what was never granted needs no giving back. */
  async unlock(courseId: string): Promise<void> {
    const mine = this.#mine.get(courseId);
    if (!mine) return;
    this.#mine.delete(courseId);
    clearTimeout(mine.timer);
    const lock = await mine.taking.catch(() => null);
    if (lock) await this.connection.request('unlock', { room: this.room, courseId, token: lock.token }).catch(refusalOf);
  }

  /** Forgets our own: the session ends, and they with it. */
  stop(): void {
    for (const { timer } of this.#mine.values()) clearTimeout(timer);
    this.#mine.clear();
  }

  async #ask(courseId: string): Promise<wire.Locked> {
    const lock = await this.connection.request('lock', { room: this.room, courseId, ttlMs: TTL_MS });
    const mine = this.#mine.get(courseId);
    if (mine) {
      clearTimeout(mine.timer);
      mine.timer = setTimeout(() => void this.#retake(courseId), TTL_MS * RENEW_AT);
    }
    return lock;
  }

  async #retake(courseId: string): Promise<void> {
    const mine = this.#mine.get(courseId);
    if (!mine) return;
    clearTimeout(mine.timer);
    mine.taking = this.#ask(courseId);
    try {
      await mine.taking;
    } catch (error) {
      // Offline: taken again by the next `reset`. Otherwise it is somebody else's now.
      if (refusalOf(error).code !== 'disconnected') this.#mine.delete(courseId);
    }
  }
}
