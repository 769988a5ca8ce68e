// The committed state of one room: join, resume from where we were, fold what comes, prove by the
// digest that nothing diverged, and heal when it did.

import { delay } from './backoff.js';
import type { Connection, State } from './connection.js';
import { hiddenIn } from './domain/decide/replay.js';
import { effectOf, foldEvent } from './domain/fold.js';
import { Past } from './domain/past.js';
import { Timetable } from './domain/timetable.js';
import { touchedBy } from './domain/touched.js';
import { type ServiceError, refusalOf } from './error.js';
import type { RoomMessage } from './messages.js';
import type * as wire from './wire.js';

/** What we know of a room beside its timetable. */
export interface RoomRecord {
  readonly name: string;
  readonly timezone: string;
  readonly role: wire.RoleName;
}

/** What a room hears from its synchronisation. */
export interface SyncEvents {
  /** Joined, or joined again, and up to date. */
  joined(reply: wire.Joined): void;
  /** Not joined any more; it joins again by itself. */
  parted(): void;
  /** An event is about to be folded; answers what to do when it is. */
  folding(event: wire.Event): () => void;
  /** The committed state is another. */
  changed(): void;
  /** For good: archived, access withdrawn, or no such room. */
  closed(reason: string): void;
  /** Presence and locks are not our business. */
  other(message: Extract<RoomMessage, { type: 'presence' | 'locks' }>): void;
}

/** See the module's comment. */
export class Sync {
  timetable: Timetable;
  past = new Past();
  record: RoomRecord | null = null;
  /** Whether events come in now. */
  joined = false;
  /** How often the digest showed that we had diverged, and a snapshot healed it. */
  mended = 0;
  #joining = false;
  #again: 'resume' | 'blind' | null = null;
  #tries = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #unlisten: (() => void)[];

  constructor(
    private readonly connection: Connection, private readonly room: string,
    private readonly profile: wire.Profile | undefined, private readonly heard: SyncEvents,
  ) {
    this.timetable = new Timetable(room);
    this.#unlisten = [
      connection.on('state', (state) => this.#connected(state)),
      connection.on('push', (message) => message.room === room && this.#push(message)),
    ];
  }

  /** Joins when there is a link, now or later. */
  start(): void {
    if (this.connection.live) void this.#join('resume');
  }

  /** Leaves for good. */
  stop(): void {
    clearTimeout(this.#retryTimer);
    for (const stop of this.#unlisten) stop();
    if (this.joined) this.connection.send('leave', { room: this.room });
    this.joined = false;
  }

  #connected(state: State): void {
    if (state === 'live') void this.#join('resume');
    else if (this.joined) this.#part();
  }

  #part(): void {
    this.joined = false;
    clearTimeout(this.#retryTimer);
    this.heard.parted();
  }

  /** `blind` asks for a snapshot whatever we have. */
  async #join(how: 'resume' | 'blind'): Promise<void> {
    if (this.#joining) {
      this.#again = this.#again === 'blind' ? 'blind' : how;
      return;
    }
    this.#joining = true;
    clearTimeout(this.#retryTimer);
    const { epoch, seq } = this.timetable;
    const since = how === 'blind' || !this.record ? {} : { since: { epoch, seq } };
    try {
      const profile = this.profile ? { profile: this.profile } : {};
      this.#adopt(await this.connection.request('join', { room: this.room, ...since, ...profile }));
    } catch (thrown) {
      this.#unjoined(refusalOf(thrown));
    } finally {
      this.#joining = false;
    }
    const again = this.#again;
    this.#again = null;
    if (again && this.connection.live) void this.#join(again);
  }

  #unjoined(error: ServiceError): void {
    if (error.code === 'disconnected') return;
    if (!error.retryable) {
      this.heard.closed(error.message);
      return;
    }
    this.#tries += 1;
    this.#retryTimer = setTimeout(() => this.#join('resume'), error.retryAfterMs ?? 200 + delay(this.#tries));
  }

  #adopt(reply: wire.Joined): void {
    this.#tries = 0;
    this.record = { name: reply.name, timezone: reply.timezone, role: reply.role };
    if (reply.snapshot) {
      this.timetable = Timetable.of(this.room, { ...reply, state: reply.snapshot }, this.timetable);
      this.past = new Past();
    } else this.#take(reply.events ?? []);
    this.joined = true;
    this.#verify(reply.digest, reply.sync === 'snapshot');
    this.heard.joined(reply);
    this.heard.changed();
  }

  #push(message: RoomMessage): void {
    switch (message.type) {
      case 'events': this.#events(message); break;
      case 'resync': void this.#join('resume'); break;
      case 'room_closed':
        this.#part();
        this.heard.closed(message.reason);
        break;
      default: this.heard.other(message);
    }
  }

  #events({ first, events, digest }: wire.Events): void {
    if (first > this.timetable.seq + 1) {
      void this.#join('resume');
      return;
    }
    this.#take(events);
    const upTo = first + events.length - 1;
    if (upTo === this.timetable.seq) this.#verify(digest, false);
    this.heard.changed();
  }

  /** Folds what is next, in order; what we have already is passed over. */
  #take(events: readonly wire.Event[]): void {
    for (const event of events) {
      if (event.seq !== this.timetable.seq + 1) continue;
      const folded = this.heard.folding(event);
      this.#fold(event);
      folded();
    }
  }

  #fold(event: wire.Event): void {
    const own = event.userId === this.connection.identity?.userId;
    const restored = 'restoredSeq' in event.data && event.data.restoredSeq != null;
    const hidden = own || event.override || restored ? hiddenIn(this.timetable, event) : null;
    foldEvent(this.timetable, event, hidden?.marks);
    this.past.push({ event, inverse: hidden?.inverse ?? null, touched: touchedBy(effectOf(event)) });
  }

  /** A mismatch is healed by a fresh snapshot; one right after a snapshot can't be, and is let be. */
  #verify(digest: string, fresh: boolean): void {
    if (fresh || digest === this.timetable.digest()) return;
    this.mended += 1;
    void this.#join('blind');
  }
}
