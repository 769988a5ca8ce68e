// Sends the operations of a queue: in order where they concern the same thing, side by side where they
// don't, again with the same `opId` when the answer was lost or the service asks for patience.

import { delay } from './backoff.js';
import { ServiceError, refusalOf } from './error.js';
import { type Entry, type Queue, subjectsOf } from './queue.js';
import type * as wire from './wire.js';

/** How many wait for their answers at a time; well below the service's burst. */
const WINDOW = 32;
/** A fault of the service that comes again and again is no longer waited for. */
const FAULTS = 8;

/** Not an answer to the operation: it is sent again on the next link. */
const NO_ANSWER = ['disconnected', 'unauthenticated', 'token_expired'];

/** What the outbox needs of its room. */
export interface Post {
  /** Whether the room is joined and what was missed is folded in. */
  ready(): boolean;
  send(entry: Entry): Promise<wire.Ack>;
  /** It is committed. */
  acked(entry: Entry, ack: wire.Ack): void;
  /** The link went before the answer came. */
  unanswered(entry: Entry): void;
  /** It is refused for good. */
  refused(entry: Entry, error: ServiceError): void;
}

/** See the module's comment. */
export class Outbox {
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly queue: Queue, private readonly post: Post) {}

  /** Sends what may be sent now. */
  pump(): void {
    if (this.#pause !== undefined || !this.post.ready()) return;
    const before = new Set<string>();
    let room = WINDOW - this.queue.entries.filter((entry) => entry.inFlight).length;
    for (const entry of [...this.queue.entries]) {
      const subjects = subjectsOf(entry.op);
      const free = subjects === 'everything' ? before.size === 0 : !subjects.some((subject) => before.has(subject));
      if (free && room > 0 && !entry.inFlight && entry.seq === null) {
        room -= 1;
        void this.#send(entry);
      }
      if (subjects === 'everything') return;
      for (const subject of subjects.length > 0 ? subjects : [entry.opId]) before.add(subject);
    }
  }

  /** The link is gone, and with it the answers: everything is sent again on the next. */
  stop(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  async #send(entry: Entry): Promise<void> {
    entry.inFlight = true;
    try {
      const ack = await this.post.send(entry);
      entry.seq = ack.seq ?? null;
      this.post.acked(entry, ack);
    } catch (thrown) {
      this.#came(entry, refusalOf(thrown));
    } finally {
      entry.inFlight = false;
    }
    this.pump();
  }

  #came(entry: Entry, error: ServiceError): void {
    if (NO_ANSWER.includes(error.code)) {
      this.post.unanswered(entry);
      return;
    }
    entry.tries += 1;
    const hopeless = error.code === 'internal' && entry.tries >= FAULTS;
    if (!error.retryable || hopeless) {
      this.post.refused(entry, error);
      return;
    }
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.pump();
    }, error.retryAfterMs ?? 100 + delay(entry.tries));
  }
}
