// Soft locks: which courses are in whose hands, and taking one while we drag.

import { Signal } from './signal.js';

const TTL_MS = 20_000;

export class Locks extends Signal {
  #mine = new Map();

  constructor(connection, roomId) {
    super();
    Object.assign(this, { connection, roomId, held: new Map() });
  }

  reset(locks) {
    const list = Array.isArray(locks) ? locks : locks?.held ?? [];
    this.held = new Map(list.map((lock) => [lock.courseId, lock]));
    this.emit('change');
  }

  /** Takes one `locks` push. */
  take({ held = [], released = [] }) {
    for (const courseId of released) this.held.delete(courseId);
    for (const lock of held) this.held.set(lock.courseId, lock);
    this.emit('change');
  }

  /** Who holds a course, unless it is this session or the lock has run out. */
  holder(courseId, sessionId) {
    const lock = this.held.get(courseId);
    if (!lock || lock.sessionId === sessionId) return null;
    return Date.parse(lock.expiresAt) > Date.now() ? lock : null;
  }

  /** Takes a lock; a refusal is told to `refused`, the drag goes on and the drop decides. */
  grab(courseId, refused) {
    const taking = this.connection.request('lock', { room: this.roomId, courseId, ttlMs: TTL_MS });
    this.#mine.set(courseId, taking);
    taking.catch((error) => {
      this.#mine.delete(courseId);
      if (error.code === 'locked') refused(error);
    });
  }

  /** Gives it back; what was never granted needs no giving back. */
  async release(courseId) {
    const taking = this.#mine.get(courseId);
    if (!taking) return;
    this.#mine.delete(courseId);
    const lock = await taking.catch(() => null);
    if (lock) this.connection.request('unlock', { room: this.roomId, courseId, token: lock.token }).catch(() => {});
  }
}
