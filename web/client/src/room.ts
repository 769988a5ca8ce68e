// One joined room: the committed timetable, the operations under way, resume and self-healing.

import type { Connection, State } from './connection.js';
import { predict, touched } from './domain/prediction.js';
import { Timetable } from './domain/timetable.js';
import { ServiceError, refusalOf } from './error.js';
import { Locks } from './locks.js';
import type { RoomMessage } from './messages.js';
import { Presence, type PresenceChange } from './presence.js';
import { Signal } from './signal.js';
import type * as wire from './wire.js';

const TRIES = 8;
const BY_THE_PERSON = ['conflict', 'stale', 'locked'];

/** What a room says. */
export interface RoomEvents {
  /** Something to draw is different. */
  change: undefined;
  /** An event was committed; `before` is the course that it names, as it was. */
  event: { event: wire.Event; before: wire.Course | undefined };
  /** An operation was refused and taken back. */
  refused: { op: wire.Operation; opId: string; error: ServiceError };
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
  /** Version of the touched entity that the person saw. */
  baseVersion?: number | undefined;
  /** Says nothing of a refusal but the null that `apply` answers. */
  quiet?: boolean | undefined;
}

/** An operation under way. */
interface Pending {
  readonly opId: string;
  readonly op: wire.Operation;
  readonly options: ApplyOptions;
  readonly resolve: (ack: wire.Ack | null) => void;
  sent: boolean;
  tries: number;
  seq: number | null;
}

/** What we know of a room beside its timetable. */
export interface RoomRecord {
  name: string;
  timezone: string;
  role: wire.RoleName;
}

/** See the module's comment. Made by `Client.room`. */
export class Room extends Signal<RoomEvents> {
  readonly id: string;
  readonly locks: Locks;
  /** The committed state. */
  timetable = new Timetable();
  /** Known once it was joined. */
  record: RoomRecord | null = null;
  /** Whether events come in now. */
  joined = false;
  /** How often the digest showed that we had diverged, and a snapshot healed it. */
  mended = 0;

  #connection: Connection;
  #profile: wire.Profile | undefined;
  #presence: Presence;
  #pending: Pending[] = [];
  #view: Timetable | null = null;
  #unlisten: (() => void)[];
  #joining = false;
  #blind = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, id: string, profile?: wire.Profile, gone: () => void = () => {}) {
    super();
    this.id = id;
    this.#connection = connection;
    this.#profile = profile;
    this.locks = new Locks(connection, id);
    this.#presence = new Presence(connection, id);
    this.#unlisten = [
      gone,
      connection.on('state', (state) => this.#connected(state)),
      connection.on('push', (message) => message.room === id && this.#push(message)),
    ];
    if (connection.live) void this.#join();
  }

  /** Whether the person may change the timetable. */
  get editable(): boolean {
    return this.record !== null && this.record.role !== 'viewer';
  }

  /** The timetable with the operations under way. */
  get view(): Timetable {
    this.#view ??= predict(this.timetable, this.#pending.map((entry) => entry.op));
    return this.#view;
  }

  /** Operations that are not committed yet, oldest first. */
  get pending(): readonly { readonly opId: string; readonly op: wire.Operation }[] {
    return this.#pending;
  }

  /** Ids of courses whose change is not committed yet. */
  get unsaved(): Set<string> {
    return new Set(this.#pending.flatMap((entry) => touched(entry.op)));
  }

  /** Who is here, by session; this session too. */
  get participants(): ReadonlyMap<string, wire.Participant> {
    return this.#presence.participants;
  }

  /** Applies an operation at once and sends it; resolves with the ack, or null when it was refused. */
  apply(op: wire.Operation, options: ApplyOptions = {}): Promise<wire.Ack | null> {
    return new Promise((resolve) => {
      const entry = { opId: crypto.randomUUID(), op, options, resolve, sent: false, tries: 0, seq: null };
      this.#pending.push(entry);
      this.#changed();
      void this.#post(entry);
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

  /** Asks the service whether it would take an operation: `{warnings}` or `{error}`, null when it can't be asked. */
  async probe(op: wire.Operation): Promise<{ warnings: wire.Conflict[] } | { error: ServiceError } | null> {
    if (!this.joined) return null;
    try {
      const ack = await this.#connection.request('op', { room: this.id, opId: crypto.randomUUID(), op, dryRun: true });
      return { warnings: ack.warnings };
    } catch (thrown) {
      const error = refusalOf(thrown);
      return error.code === 'disconnected' || (error.retryable && !BY_THE_PERSON.includes(error.code)) ? null : { error };
    }
  }

  /** Takes a soft lock and keeps it until `unlock`. */
  lock(courseId: string): Promise<wire.Locked> {
    return this.locks.lock(courseId);
  }

  /** Gives a soft lock back. */
  unlock(courseId: string): Promise<void> {
    return this.locks.unlock(courseId);
  }

  /** Says where we point. */
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

  /** The timetable as it is, or as it was after event `seq`. */
  async snapshot(seq?: number): Promise<Timetable> {
    return Timetable.of(await this.#connection.request('snapshot', { room: this.id, ...(seq !== undefined && { seq }) }));
  }

  /** Leaves for good; unsent operations are given up. */
  leave(): void {
    clearTimeout(this.#retryTimer);
    for (const stop of this.#unlisten) stop();
    this.locks.stop();
    this.#presence.stop();
    this.joined = false;
    this.#connection.send('leave', { room: this.id });
  }

  /** Joins or resumes. `blind` asks for a snapshot whatever we have. */
  async #join(blind = false): Promise<void> {
    if (this.#joining) {
      this.#blind ||= blind;
      return;
    }
    this.#joining = true;
    const { epoch, seq } = this.timetable;
    const since = blind || !this.record ? {} : { since: { epoch, seq } };
    try {
      this.#adopt(await this.#connection.request('join', {
        room: this.id, ...since, ...(this.#profile && { profile: this.#profile }),
      }));
    } catch (thrown) {
      this.#unjoined(refusalOf(thrown));
    } finally {
      this.#joining = false;
    }
    if (this.#blind) {
      this.#blind = false;
      void this.#join(true);
    }
  }

  #unjoined(error: ServiceError): void {
    if (error.code === 'disconnected') return;
    if (error.retryable) this.#retryTimer = setTimeout(() => this.#join(), error.retryAfterMs ?? 1000);
    else this.emit('closed', error.message);
  }

  #adopt(reply: wire.Joined): void {
    this.record = { name: reply.name, timezone: reply.timezone, role: reply.role };
    if (reply.snapshot) this.timetable = Timetable.of({ ...reply, state: reply.snapshot });
    else this.#take(reply.events ?? []);
    this.timetable.policy = reply.policy;
    this.#presence.reset(reply.participants);
    this.locks.reset(reply.locks);
    this.joined = true;
    this.emit('joined', reply);
    this.#settle();
    if (this.#verify(reply.digest, reply.sync === 'snapshot')) this.#flush();
    this.#changed();
  }

  #connected(state: State): void {
    if (state === 'live') void this.#join();
    else {
      this.joined = false;
      for (const entry of this.#pending) entry.sent = false;
      this.#changed();
    }
  }

  #push(message: RoomMessage): void {
    switch (message.type) {
      case 'events': this.#events(message); break;
      case 'resync': void this.#join(); break;
      case 'presence': this.emit('presence', this.#presence.take(message)); break;
      case 'locks':
        this.locks.take(message);
        this.emit('locks');
        break;
      case 'room_closed':
        this.joined = false;
        this.emit('closed', message.reason);
        break;
    }
  }

  #events({ first, events, digest }: wire.Events): void {
    if (first > this.timetable.seq + 1) {
      void this.#join();
      return;
    }
    this.#take(events);
    this.#verify(digest, false);
    this.#changed();
  }

  #take(events: readonly wire.Event[]): void {
    for (const event of events) {
      if (event.seq !== this.timetable.seq + 1) continue;
      const before = 'courseId' in event.data ? this.timetable.courses.get(event.data.courseId) : undefined;
      this.timetable.fold(event);
      this.#pending = this.#pending.filter((entry) => entry.opId !== event.opId);
      this.emit('event', { event, before });
    }
  }

  /** Proves that we have what the server has; a mismatch is healed by a fresh snapshot, once. */
  #verify(digest: string, fresh: boolean): boolean {
    if (fresh || digest === this.timetable.digest()) return true;
    this.mended += 1;
    void this.#join(true);
    return false;
  }

  #flush(): void {
    for (const entry of [...this.#pending]) void this.#post(entry);
  }

  async #post(entry: Pending): Promise<void> {
    if (!this.joined || entry.sent) return;
    entry.sent = true;
    const { opId, op, options: { baseVersion } } = entry;
    try {
      const ack = await this.#connection.request('op', { room: this.id, opId, op, ...(baseVersion && { baseVersion }) });
      entry.seq = ack.seq ?? null;
      entry.resolve(ack);
      this.#settle();
      this.#changed();
    } catch (error) {
      this.#came(entry, refusalOf(error));
    }
  }

  #came(entry: Pending, error: ServiceError): void {
    if (error.code === 'disconnected') {
      entry.sent = false;
      return;
    }
    entry.tries += 1;
    if (error.retryable && !BY_THE_PERSON.includes(error.code) && entry.tries < TRIES) {
      setTimeout(() => {
        entry.sent = false;
        void this.#post(entry);
      }, error.retryAfterMs ?? 250 * 2 ** entry.tries);
      return;
    }
    this.#pending = this.#pending.filter((other) => other !== entry);
    if (!entry.options.quiet) this.emit('refused', { op: entry.op, opId: entry.opId, error });
    entry.resolve(null);
    this.#changed();
  }

  /** Drops operations whose event is already folded. */
  #settle(): void {
    this.#pending = this.#pending.filter((entry) => entry.seq === null || entry.seq > this.timetable.seq);
  }

  #changed(): void {
    this.#view = null;
    this.emit('change');
  }
}
