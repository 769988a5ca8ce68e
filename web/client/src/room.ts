// One room as an application sees it: the timetable with our own operations on it, and what can be
// done with them. Synchronisation, queue, sending, presence and locks are modules of their own.

import type { Connection } from './connection.js';
import { coursesOf } from './domain/touched.js';
import { Timetable } from './domain/timetable.js';
import { ServiceError, refusalOf } from './error.js';
import { type Asker, type Present, forecast, foresee } from './forecast.js';
import { Locks } from './locks.js';
import { named } from './naming.js';
import { Outbox } from './outbox.js';
import { Presence, type PresenceChange } from './presence.js';
import { type Entry, type Pending, Queue } from './queue.js';
import { carryPast, carrying, versionOf } from './rebase.js';
import { Signal } from './signal.js';
import type { Storage } from './storage/storage.js';
import { type RoomRecord, Sync } from './sync.js';
import type * as wire from './wire.js';

/** What a room says. */
export interface RoomEvents {
  /** Something to draw is different. */
  change: undefined;
  /** An event was committed; `before` is the course that it names, as it was. */
  event: { event: wire.Event; before: wire.Course | undefined };
  /** The service refused an operation, and it was taken back. */
  refused: { op: wire.Operation; opId: string; error: ServiceError };
  /** The operation could not be written down: it is sent, but a closed page would lose it. */
  unsaved: unknown;
  /** People came, went or moved. */
  presence: PresenceChange;
  /** Locks were taken or given back. */
  locks: undefined;
  /** Joined, or joined again. */
  joined: wire.Joined;
  /** Archived, or access withdrawn, or there is no such room for us: in words. */
  closed: string;
}

/** How an operation is sent. */
export interface ApplyOptions {
  /**
   * Version of the touched entity that the person saw. Left out, it is the one that is here now; null
   * sends none, and the operation takes effect whatever others did meanwhile.
   */
  baseVersion?: number | null | undefined;
  /** Says nothing of a refusal but the null that `apply` answers. */
  quiet?: boolean | undefined;
}

/** What will come of an operation. */
export type Foresight = { readonly warnings: wire.Conflict[] } | { readonly error: ServiceError };

/** What a room is made with. */
export interface RoomOptions {
  readonly storage: Storage;
  readonly queueLimit: number;
  readonly profile?: wire.Profile | undefined;
  readonly left: () => void;
}

/** See the module's comment. Made by `Client.room`. */
export class Room extends Signal<RoomEvents> {
  readonly id: string;
  readonly locks: Locks;
  #connection: Connection;
  #sync: Sync;
  #queue: Queue;
  #outbox: Outbox;
  #presence: Presence;
  #left: () => void;
  #ahead: Present | null = null;
  #open = false;

  constructor(connection: Connection, id: string, { storage, queueLimit, profile, left }: RoomOptions) {
    super();
    this.id = id;
    this.#connection = connection;
    this.#left = left;
    this.locks = new Locks(connection, id);
    this.#presence = new Presence(connection, id);
    this.#queue = new Queue(storage, id, queueLimit, (error) => this.emit('unsaved', error));
    this.#outbox = new Outbox(this.#queue, {
      ready: () => this.#open && this.joined,
      send: ({ opId, op, baseVersion }) =>
        connection.request('op', { room: id, opId, op, ...(baseVersion && { baseVersion }) }),
      acked: (entry, ack) => this.#acked(entry, ack),
      refused: (entry, error) => this.#refused(entry, error),
      unanswered: (entry) => this.#unanswered(entry),
    });
    this.#sync = new Sync(connection, id, profile, {
      joined: (reply) => this.#joined(reply),
      parted: () => this.#parted(),
      folding: (event) => this.#folding(event),
      changed: () => this.#changed(),
      closed: (reason) => this.emit('closed', reason),
      other: (message) => {
        if (message.type === 'presence') this.emit('presence', this.#presence.take(message));
        else {
          this.locks.take(message);
          this.emit('locks');
        }
      },
    });
    this.#sync.start();
    void connection.identified().then(({ tenantId, userId }) => this.#recall(JSON.stringify([tenantId, userId])));
  }

  /** Name, zone and role; known once it was joined. */
  get record(): RoomRecord | null {
    return this.#sync.record;
  }

  /** Whether events come in now. */
  get joined(): boolean {
    return this.#sync.joined;
  }

  /** Whether the person may change the timetable. */
  get editable(): boolean {
    return this.record !== null && this.record.role !== 'viewer';
  }

  /** The committed timetable. */
  get timetable(): Timetable {
    return this.#sync.timetable;
  }

  /** The timetable with our operations on it. */
  get view(): Timetable {
    return this.#present().timetable;
  }

  /** How often we had diverged from the service and were healed; 0 unless something is wrong. */
  get mended(): number {
    return this.#sync.mended;
  }

  /** Our operations that are not committed yet, oldest first. */
  get pending(): readonly Pending[] {
    this.#present();
    return this.#queue.entries;
  }

  /** Ids of courses whose change is not committed yet. */
  get unsaved(): Set<string> {
    return new Set(this.#queue.entries.flatMap((entry) => coursesOf(entry.op)));
  }

  /** Who is here, by session; this session too. */
  get participants(): ReadonlyMap<string, wire.Participant> {
    return this.#presence.participants;
  }

  /**
   * Applies an operation to `view` at once and sends it, now or when there is a link. Resolves with the
   * ack, or with null when the service refused. Rejects with `queue_full` when too many wait.
   */
  async apply(op: wire.Operation, { baseVersion, quiet = false }: ApplyOptions = {}): Promise<wire.Ack | null> {
    const made = named(op);
    const seen = versionOf(this.timetable, made);
    // The person may have seen a version that is only foreseen; what is committed of it counts.
    const base = baseVersion === null ? undefined : Math.min(baseVersion ?? Infinity, seen ?? Infinity);
    return new Promise((settle, reject) => {
      try {
        const basis = base === undefined || base === Infinity ? undefined : base;
        this.#queue.add({ opId: crypto.randomUUID(), op: made, baseVersion: basis }, { quiet, settle });
      } catch (error) {
        reject(error);
        return;
      }
      this.#changed();
      this.#outbox.pump();
    });
  }

  /** Reverts our latest operation, or the one named. */
  undo(opId?: string): Promise<wire.Ack | null> {
    return this.apply({ kind: 'undo', ...(opId && { opId }) });
  }

  /** Reverts our latest undo, or the one named. */
  redo(opId?: string): Promise<wire.Ack | null> {
    return this.apply({ kind: 'redo', ...(opId && { opId }) });
  }

  /** What will come of an operation by the rules of this room, at once; null when only the service knows. */
  foresee(op: wire.Operation, { baseVersion }: ApplyOptions = {}): Foresight | null {
    const asker = this.#asker();
    const found = asker && foresee(this.#present(), named(op), 'foresight', baseVersion ?? undefined, asker);
    if (!found) return null;
    return 'error' in found ? found : { warnings: found.decision.event.conflicts?.detected ?? [] };
  }

  /** Asks the service what would come of an operation, other rooms' bookings too; null when it can't be asked. */
  async probe(op: wire.Operation): Promise<Foresight | null> {
    if (!this.joined) return null;
    try {
      const ack = await this.#connection.request('op', {
        room: this.id, opId: crypto.randomUUID(), op, dryRun: true,
      });
      return { warnings: ack.warnings };
    } catch (thrown) {
      const error = refusalOf(thrown);
      return error.code === 'disconnected' || error.retryable ? null : { error };
    }
  }

  /** Takes a soft lock and keeps it until `unlock`; rejects with `locked` when somebody else has it. */
  lock(courseId: string): Promise<wire.Locked> {
    return this.locks.lock(courseId);
  }

  /** Gives a soft lock back. */
  unlock(courseId: string): Promise<void> {
    return this.locks.unlock(courseId);
  }

  /** Says where we point; as often as you like, the newest is sent. */
  moveCursor(cursor: wire.Cursor): void {
    this.#presence.moveCursor(cursor);
  }

  /** Says what we have selected. */
  select(selection: wire.Selection): void {
    this.#presence.select(selection);
  }

  /** Committed events, a page at a time. */
  history(page: Omit<wire.HistoryRequestBody, 'room'> = {}): Promise<wire.History> {
    return this.#connection.request('history', { room: this.id, ...page });
  }

  /** The timetable as the service has it, or as it was after event `seq`. */
  async snapshot(seq?: number): Promise<Timetable> {
    const reply = await this.#connection.request('snapshot', { room: this.id, ...(seq !== undefined && { seq }) });
    return Timetable.of(this.id, reply);
  }

  /** Resolves when every operation so far is written down, so that the page may be closed. */
  written(): Promise<void> {
    return this.#queue.written();
  }

  /** Leaves. Unsent operations stay in the storage and are sent when the room is joined again. */
  leave(): void {
    this.#sync.stop();
    this.#outbox.stop();
    this.locks.stop();
    this.#presence.stop();
    this.#open = false;
    this.#left();
  }

  async #recall(owner: string): Promise<void> {
    await this.#queue.open(owner);
    this.#open = true;
    this.#changed();
    this.#outbox.pump();
  }

  #joined(reply: wire.Joined): void {
    this.#presence.reset(reply.participants);
    this.locks.reset(reply.locks);
    for (const entry of [...this.#queue.entries]) this.#fold(entry);
    this.emit('joined', reply);
    this.#outbox.pump();
  }

  #parted(): void {
    this.#outbox.stop();
    this.#changed();
  }

  #folding(event: wire.Event): () => void {
    const { timetable } = this.#sync;
    const before = 'courseId' in event.data ? timetable.courses.get(event.data.courseId) : undefined;
    const carryOn = carrying(this.#queue, timetable);
    const own = this.#queue.entries.find((entry) => entry.opId === event.opId);
    return () => {
      if (own) this.#committed(own, event);
      carryOn(event, own, timetable);
      this.#ahead = null;
      this.emit('event', { event, before });
      this.#outbox.pump();
    };
  }

  /** Its event is folded. The answer is still to come, or was lost with a link. */
  #committed(entry: Entry, event: wire.Event): void {
    entry.seq = event.seq;
    this.#queue.remove(entry);
    if (!entry.inFlight) this.#unanswered(entry);
  }

  /** The answer was lost. If the event has come all the same, that is the answer, without its warnings. */
  #unanswered({ opId, seq, settle }: Entry): void {
    if (seq !== null) settle({ room: this.id, opId, seq, duplicate: false, warnings: [] });
  }

  #acked(entry: Entry, ack: wire.Ack): void {
    entry.settle(ack);
    const unseen = ack.seq != null && ack.seq <= this.timetable.seq && this.#queue.entries.includes(entry);
    if (unseen && ack.seq != null) void this.#lookBack(entry, ack.seq);
    this.#changed();
  }

  /** The event of this operation was in a snapshot. What waits behind it may be based on what came before. */
  async #lookBack(entry: Entry, seq: number): Promise<void> {
    const page = await this.history({ after: seq - 1, limit: 1 }).catch(() => null);
    const event = page?.events[0];
    if (event?.opId === entry.opId) carryPast(this.#queue, entry, event);
    this.#fold(entry);
    this.#changed();
    this.#outbox.pump();
  }

  /** Drops an operation whose event is folded already. */
  #fold(entry: Entry): void {
    if (entry.seq !== null && entry.seq <= this.timetable.seq) this.#queue.remove(entry);
  }

  #refused(entry: Entry, error: ServiceError): void {
    this.#queue.remove(entry);
    this.#ahead = null;
    if (!entry.quiet) this.emit('refused', { op: entry.op, opId: entry.opId, error });
    entry.settle(null);
    this.#changed();
  }

  /** The committed state with our operations on it, decided anew when either is another. */
  #present(): Present {
    const asker = this.#asker();
    const committed = { timetable: this.#sync.timetable, past: this.#sync.past };
    if (!asker) return committed;
    const pending = this.#queue.entries.filter((entry) => entry.seq === null || entry.seq > committed.timetable.seq);
    this.#ahead ??= forecast(committed, pending, asker, (entry, foreseen) => {
      entry.foreseen = foreseen;
    });
    return this.#ahead;
  }

  #asker(): Asker | null {
    const [identity, record] = [this.#connection.identity, this.record];
    if (!identity || !record) return null;
    return {
      userId: identity.userId, sessionId: this.#connection.welcome?.sessionId ?? '', role: record.role,
      timezone: record.timezone, now: Date.now(), lockAgainst: (courseId) => this.locks.against(courseId),
    };
  }

  #changed(): void {
    this.#ahead = null;
    this.emit('change');
  }
}
