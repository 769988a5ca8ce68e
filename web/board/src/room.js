// One joined room: the committed timetable, the operations under way, resume and self-healing.
// Emits `change` (something to draw), `event` (committed), `refused` (an operation came back),
// `presence`, `locks`, `joined` and `closed`. Never touches the page.

import { predict, touched } from './prediction.js';
import { Signal } from './signal.js';
import { Timetable } from './timetable.js';

const TRIES = 8;

export class Room extends Signal {
  #unlisten = [];
  #joining = false;
  #blind = false;
  #retryTimer = 0;

  constructor({ connection, id, profile }) {
    super();
    Object.assign(this, { connection, id, profile });
    this.timetable = new Timetable();
    this.pending = [];
    this.record = null;
    this.joined = false;
    this.mended = 0;
    this.#unlisten.push(
      connection.on('state', (state) => this.#connected(state)),
      connection.on('push', (message) => message.room === id && this.#push(message)),
    );
    if (connection.live) this.join();
  }

  get zone() {
    return this.record?.timezone ?? 'UTC';
  }

  get role() {
    return this.record?.role ?? 'viewer';
  }

  get editable() {
    return this.role === 'owner' || this.role === 'editor';
  }

  /** The timetable with the operations under way. */
  get view() {
    return predict(this.timetable, this.pending.map((entry) => entry.op));
  }

  /** Ids of courses whose change is not committed yet. */
  get unsaved() {
    return new Set(this.pending.flatMap((entry) => touched(entry.op)));
  }

  leave() {
    clearTimeout(this.#retryTimer);
    for (const stop of this.#unlisten) stop();
    this.connection.send('leave', { room: this.id });
  }

  /** Joins or resumes. `blind` asks for a snapshot whatever we have. */
  async join(blind = false) {
    if (this.#joining) {
      this.#blind ||= blind;
      return;
    }
    this.#joining = true;
    const { epoch, seq } = this.timetable;
    const since = blind || !this.record ? {} : { since: { epoch, seq } };
    try {
      const reply = await this.connection.request('join', {
        room: this.id, ...since, profile: this.profile,
      });
      this.#adopt(reply);
    } catch (error) {
      this.#unjoined(error);
    } finally {
      this.#joining = false;
    }
    if (this.#blind) {
      this.#blind = false;
      this.join(true);
    }
  }

  #unjoined(error) {
    if (error.code === 'disconnected') return;
    if (!error.retryable) {
      this.emit('closed', error.message);
      return;
    }
    this.#retryTimer = setTimeout(() => this.join(), error.retryAfterMs ?? 1000);
  }

  #adopt(reply) {
    const { name, timezone, role } = reply;
    this.record = { name, timezone, role };
    if (reply.sync === 'snapshot') {
      this.timetable.reset({ epoch: reply.epoch, seq: reply.seq, state: reply.snapshot.state ?? reply.snapshot });
    } else {
      this.timetable.epoch = reply.epoch;
      this.#take(reply.events ?? []);
    }
    if (reply.policy) this.timetable.policy = reply.policy;
    this.joined = true;
    this.emit('joined', reply);
    this.#settle();
    if (this.#verify(reply.digest, reply.sync === 'snapshot')) this.#flush();
    this.emit('change');
  }

  #connected(state) {
    if (state === 'live') this.join();
    else {
      this.joined = false;
      for (const entry of this.pending) entry.sent = false;
      this.emit('change');
    }
  }

  #push(message) {
    switch (message.type) {
      case 'events': this.#events(message); break;
      case 'resync': this.join(); break;
      case 'presence': this.emit('presence', message); break;
      case 'locks': this.emit('locks', message); break;
      case 'room_closed': this.emit('closed', message.reason); break;
      default: break;
    }
  }

  #events({ first, events, digest }) {
    if (first > this.timetable.seq + 1) {
      this.join();
      return;
    }
    this.#take(events);
    this.#verify(digest, false);
    this.emit('change');
  }

  #take(events) {
    for (const event of events) {
      if (event.seq !== this.timetable.seq + 1) continue;
      const before = event.data.courseId && this.timetable.courses.get(event.data.courseId);
      this.timetable.fold(event);
      this.pending = this.pending.filter((entry) => entry.opId !== event.opId);
      this.emit('event', { event, before });
    }
  }

  /** Proves that we have what the server has; a mismatch is healed by a fresh snapshot, once. */
  #verify(digest, fresh) {
    if (!digest || digest === this.timetable.digest()) {
      return true;
    }
    console.warn(`timetable diverged at ${this.timetable.seq}: ${this.timetable.digest()}, server ${digest}`);
    if (fresh) return true;
    this.mended += 1;
    this.join(true);
    return false;
  }

  /** Sends an operation; resolves with the ack, or null when it was refused and explained. */
  submit(op, { quiet = false, baseVersion } = {}) {
    return new Promise((resolve) => {
      const entry = {
        opId: crypto.randomUUID(), op, quiet, resolve, sent: false, tries: 0, seq: null, baseVersion,
      };
      this.pending.push(entry);
      this.emit('change');
      this.#post(entry);
    });
  }

  /** Asks whether an operation would be taken; answers `{warnings}` or `{error}`, null offline. */
  async probe(op) {
    if (!this.joined || !this.connection.live) return null;
    try {
      const ack = await this.connection.request('op', {
        room: this.id, opId: crypto.randomUUID(), op, dryRun: true,
      });
      return { warnings: ack.warnings ?? [] };
    } catch (error) {
      return error.code === 'disconnected' || error.retryable ? null : { error };
    }
  }

  history(page) {
    return this.connection.request('history', { room: this.id, ...page });
  }

  #flush() {
    for (const entry of [...this.pending]) if (!entry.sent) this.#post(entry);
  }

  async #post(entry) {
    if (!this.joined || !this.connection.live || entry.sent) return;
    entry.sent = true;
    try {
      const { opId, op, baseVersion } = entry;
      const ack = await this.connection.request('op', {
        room: this.id, opId, op, ...(baseVersion ? { baseVersion } : {}),
      });
      entry.seq = ack.seq;
      entry.resolve(ack);
      this.#settle();
      this.emit('change');
    } catch (error) {
      this.#came(entry, error);
    }
  }

  #came(entry, error) {
    if (error.code === 'disconnected') {
      entry.sent = false;
      return;
    }
    entry.tries += 1;
    if (error.retryable && !['conflict', 'stale', 'locked'].includes(error.code) && entry.tries < TRIES) {
      const wait = error.retryAfterMs ?? 250 * 2 ** entry.tries;
      setTimeout(() => {
        entry.sent = false;
        this.#post(entry);
      }, wait);
      return;
    }
    this.pending = this.pending.filter((other) => other !== entry);
    if (!entry.quiet) this.emit('refused', { op: entry.op, error });
    entry.resolve(null);
    this.emit('change');
  }

  /** Drops operations whose event is already folded. */
  #settle() {
    this.pending = this.pending.filter((entry) => entry.seq === null || entry.seq > this.timetable.seq);
  }
}
