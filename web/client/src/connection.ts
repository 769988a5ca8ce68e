// One session with the service, kept alive over many lines: authentication, requests, heartbeat,
// backoff, close codes, draining. Knows nothing of rooms.

import { afterClose, delay } from './backoff.js';
import { hasNetwork, watchSurroundings } from './environment.js';
import { ServiceError, disconnected } from './error.js';
import type { Replies, RequestType, RoomMessage, ServerMessage } from './messages.js';
import { Signal } from './signal.js';
import { type Identity, Tokens, type TokenSource } from './token.js';
import type { Dial, Line } from './transport/line.js';
import type * as wire from './wire.js';

const WELCOME_MS = 10_000;
const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 8_000;

/** `waiting`: a retry is planned. `offline`: so it is, but there is no network. `stopped`: it would not help. */
export type State = 'connecting' | 'live' | 'waiting' | 'offline' | 'stopped';

/** What a connection says. */
export interface ConnectionEvents {
  /** Something is different: the new state. */
  state: State;
  /** An error that answers no request. */
  problem: ServiceError;
  /** The person must sign in again; nothing is tried until `start` with a new token. */
  signed_out: undefined;
  /** The token runs out and no new one could be had. */
  expiring: wire.Expiry;
  /** This node goes away; a reconnect is planned at its own moment. */
  draining: wire.Draining;
  /** A push that concerns a room. */
  push: RoomMessage;
}

/** Where to and as whom. */
export interface ConnectionOptions {
  dial: Dial;
  token: string | TokenSource;
  renew?: TokenSource | undefined;
}

/** See the module's comment. */
export class Connection extends Signal<ConnectionEvents> {
  /** How it stands. */
  state: State = 'stopped';
  /** What the service said when it let us in last. */
  welcome: wire.Welcome | null = null;
  /** When the next try is planned, in milliseconds since 1970; 0 when none is. */
  retryAt = 0;
  /** In words, why there is no link. */
  reason = '';

  #dial: Dial;
  #tokens: Tokens;
  #line: Line | null = null;
  #waiting = new Set<(error: ServiceError) => void>();
  /** Counts starts and drops: what was begun under an older number is void. */
  #turn = 0;
  #attempt = 0;
  #renewals = 0;
  #floorMs = 0;
  #timers = { retry: 0 as Timer, ping: 0 as Timer, deadline: 0 as Timer, drain: 0 as Timer };
  #unwatch: () => void = () => {};
  #identified: Promise<Identity>;
  #identify: (identity: Identity) => void = () => {};

  constructor({ dial, token, renew }: ConnectionOptions) {
    super();
    this.#dial = dial;
    this.#tokens = new Tokens(token, renew);
    this.#identified = new Promise((resolve) => {
      this.#identify = resolve;
    });
  }

  /** As whom, as soon as a token or a welcome says so. */
  get identity(): Identity | null {
    return this.welcome ?? this.#tokens.identity;
  }

  /** The same, waited for. */
  identified(): Promise<Identity> {
    return this.#identified;
  }

  /** Whether messages go out. */
  get live(): boolean {
    return this.state === 'live';
  }

  /** Connects, and stays connected until `stop`. A new token may be given, of the same person. */
  start(token?: string): void {
    if (token !== undefined) this.#tokens.use(token);
    if (this.state !== 'stopped') return;
    this.#attempt = 0;
    this.#renewals = 0;
    this.#unwatch();
    this.#unwatch = watchSurroundings({ awake: () => this.#awake(), offline: () => this.#offline() });
    this.#connect();
  }

  /** Hangs up for good. */
  stop(): void {
    this.#drop(1000);
    this.#rest('');
  }

  /** Does not wait for the planned moment. */
  retryNow(): void {
    if (this.state !== 'waiting' && this.state !== 'offline') return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Sends without asking for an answer; false when there is no link. */
  send<K extends RequestType>(type: K, fields: wire.ClientMessages[K]): boolean {
    if (!this.live || !this.#line) return false;
    this.#line.send(type, fields);
    return true;
  }

  /** Sends and waits for the reply; rejects with a `ServiceError`, `disconnected` when the link goes first. */
  request<K extends RequestType>(type: K, fields: wire.ClientMessages[K]): Promise<Replies[K]> {
    return new Promise((resolve, reject) => {
      if (!this.live || !this.#line) {
        reject(disconnected());
        return;
      }
      this.#waiting.add(reject);
      this.#line.request(type, fields, (message) => {
        this.#waiting.delete(reject);
        if (message.type === 'error') reject(new ServiceError(message));
        else resolve(message as unknown as Replies[K]);
      });
    });
  }

  async #connect(): Promise<void> {
    this.#drop(1000);
    const turn = this.#turn;
    this.retryAt = 0;
    this.#enter('connecting');
    const token = await this.#tokens.current().catch((error: unknown) => {
      this.reason = String(error);
      return undefined;
    });
    if (turn !== this.#turn) return;
    if (this.#tokens.identity) this.#identify(this.#tokens.identity);
    if (token === undefined) this.#plan(0);
    else if (token === null) this.#signOut();
    else this.#open(token, turn);
  }

  #open(token: string, turn: number): void {
    const lost = (code: number, reason: string) => turn === this.#turn && this.#lost(code, reason);
    this.#timers.deadline = setTimeout(() => lost(4008, 'no welcome'), WELCOME_MS);
    this.#line = this.#dial(token, {
      message: (message) => turn === this.#turn && this.#push(message),
      closed: lost,
    });
  }

  #push(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome': this.#welcomed(message); break;
      case 'draining': this.#drain(message); break;
      case 'token_expiring': this.#refresh(message); break;
      case 'error':
        this.reason = message.message;
        this.#floorMs = message.retryAfterMs ?? 0;
        this.emit('problem', new ServiceError(message));
        break;
      case 'events': case 'presence': case 'locks': case 'resync': case 'room_closed':
        this.emit('push', message);
        break;
      default: break; // A newer service's push.
    }
  }

  #welcomed(welcome: wire.Welcome): void {
    clearTimeout(this.#timers.deadline);
    this.#attempt = 0;
    this.#renewals = 0;
    this.#floorMs = 0;
    this.reason = '';
    this.welcome = welcome;
    this.#identify(welcome);
    this.#timers.ping = setInterval(() => this.#ping(PONG_WITHIN_MS), PING_EVERY_MS);
    this.#enter('live');
  }

  /** A dead link often looks open for minutes; asking finds out. */
  #ping(patienceMs: number): void {
    const turn = this.#turn;
    clearTimeout(this.#timers.deadline);
    this.#timers.deadline = setTimeout(() => turn === this.#turn && this.#lost(4008, 'no answer'), patienceMs);
    this.request('ping', {}).then(
      () => turn === this.#turn && clearTimeout(this.#timers.deadline),
      () => {},
    );
  }

  /** Goes on working, and comes back to another node at the moment that was given to this session. */
  #drain(message: wire.Draining): void {
    clearTimeout(this.#timers.drain);
    const afterMs = Math.min(message.reconnectAfterMs, message.deadlineMs);
    this.#timers.drain = setTimeout(() => this.#connect(), afterMs);
    this.emit('draining', message);
  }

  async #refresh(expiry: wire.Expiry): Promise<void> {
    const token = await this.#tokens.renewed().catch(() => null);
    if (!token) this.emit('expiring', expiry);
    else await this.request('refresh', { token }).catch((error: unknown) => this.#notRefreshed(error));
  }

  #notRefreshed(error: unknown): void {
    if (error instanceof ServiceError && error.code !== 'disconnected') this.emit('problem', error);
  }

  #awake(): void {
    if (this.live) this.#ping(PONG_WITHIN_MS / 2);
    else this.retryNow();
  }

  #offline(): void {
    if (this.live) this.#ping(PONG_WITHIN_MS / 2);
    else if (this.state === 'waiting') this.#enter('offline');
  }

  #lost(code: number, reason: string): void {
    const floorMs = this.#floorMs;
    this.#floorMs = 0;
    this.#drop(code >= 3000 && code <= 4999 ? code : 1000);
    const after = afterClose(code);
    if (reason) this.reason = reason;
    if (after.next === 'stop') this.#rest(this.reason);
    else if (after.next === 'token') void this.#again();
    else this.#plan(Math.max(after.floorMs, floorMs));
  }

  /** The token was refused: one more with a new one. */
  async #again(): Promise<void> {
    const turn = this.#turn;
    this.#renewals += 1;
    this.#enter('connecting');
    if (this.#renewals > 1) {
      this.#signOut();
      return;
    }
    const token = await this.#tokens.renewed().catch(() => undefined);
    if (turn !== this.#turn) return;
    if (token === undefined) {
      this.#renewals = 0;
      this.#plan(0);
    } else if (token === null) this.#signOut();
    else void this.#connect();
  }

  #signOut(): void {
    this.#rest(this.reason);
    this.emit('signed_out');
  }

  #plan(floorMs: number): void {
    const wait = floorMs + delay(this.#attempt);
    this.#attempt += 1;
    this.retryAt = Date.now() + wait;
    this.#timers.retry = setTimeout(() => this.#connect(), wait);
    this.#enter(hasNetwork() ? 'waiting' : 'offline');
  }

  #drop(code: number): void {
    this.#turn += 1;
    const line = this.#line;
    this.#line = null;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    line?.close(code);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const reject of waiting) reject(disconnected());
  }

  #rest(reason: string): void {
    this.#unwatch();
    this.#unwatch = () => {};
    this.reason = reason;
    this.retryAt = 0;
    this.#enter('stopped');
  }

  #enter(state: State): void {
    this.state = state;
    this.emit('state', state);
  }
}

type Timer = ReturnType<typeof setTimeout> | number;
