// One WebSocket to the service, kept alive: authentication, requests and replies, heartbeat,
// backoff, close codes, draining. Knows nothing of rooms. States: `connecting`, `live`, `waiting`
// (a retry is planned), `offline` (the browser has no network), `stopped` (retrying will not help).

import { ServiceError } from './api.js';
import { afterClose, delay } from './backoff.js';
import { Signal } from './signal.js';

const SUBPROTOCOL = 'kyo.v1.json';
const WELCOME_MS = 10_000;
const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 8_000;

export class Connection extends Signal {
  #socket = null;
  #replies = new Map();
  #lastId = 0;
  #attempt = 0;
  #renewals = 0;
  #retryTimer = 0;
  #pingTimer = 0;
  #deadline = 0;

  /** `renew` answers a fresh token, or null when the person must sign in again. */
  constructor({ address, token, renew }) {
    super();
    Object.assign(this, { address, token, renew, state: 'connecting', welcome: null, retryAt: 0 });
    this.reason = '';
    this.onOnline = () => this.retryNow();
    this.onOffline = () => this.#socket === null && this.#enter('offline');
    addEventListener('online', this.onOnline);
    addEventListener('offline', this.onOffline);
  }

  get live() {
    return this.state === 'live';
  }

  start() {
    clearTimeout(this.#retryTimer);
    if (this.#socket) return;
    this.#enter('connecting');
    const socket = new WebSocket(this.address, SUBPROTOCOL);
    this.#socket = socket;
    this.#deadline = setTimeout(() => this.#lost(socket, 4008, 'no welcome'), WELCOME_MS);
    socket.onopen = () => this.#send({ type: 'authenticate', token: this.token });
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#lost(socket, code, reason);
  }

  stop() {
    removeEventListener('online', this.onOnline);
    removeEventListener('offline', this.onOffline);
    this.#drop(1000);
    this.#enter('stopped');
  }

  retryNow() {
    if (this.#socket || this.state === 'stopped') return;
    this.#attempt = 0;
    this.start();
  }

  /** Sends without waiting for an answer; false when there is no connection. */
  send(type, fields) {
    if (!this.live) return false;
    this.#send({ type, ...fields });
    return true;
  }

  /** Sends and waits for the reply; rejects with code `disconnected` when the link goes first. */
  request(type, fields) {
    return new Promise((resolve, reject) => {
      if (!this.live) {
        reject(disconnected());
        return;
      }
      this.#lastId += 1;
      this.#replies.set(this.#lastId, { resolve, reject });
      this.#send({ type, id: this.#lastId, ...fields });
    });
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  #receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const waiting = this.#replies.get(message.re);
    if (waiting) {
      this.#replies.delete(message.re);
      if (message.type === 'error') waiting.reject(new ServiceError(message));
      else waiting.resolve(message);
    } else this.#push(message);
  }

  #push(message) {
    switch (message.type) {
      case 'welcome': this.#welcomed(message); break;
      case 'draining': this.#drain(message.reconnectAfterMs ?? 0); break;
      case 'token_expiring': this.#refresh(); break;
      case 'error':
        this.reason = message.message ?? message.code;
        this.emit('problem', new ServiceError(message));
        break;
      default: this.emit('push', message);
    }
  }

  #welcomed(message) {
    clearTimeout(this.#deadline);
    this.#attempt = 0;
    this.#renewals = 0;
    this.reason = '';
    this.welcome = message;
    this.#enter('live');
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  /** A dead link often looks open for minutes; asking finds out. */
  #ping() {
    const socket = this.#socket;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lost(socket, 4008, 'no answer'), PONG_WITHIN_MS);
    this.request('ping', {}).then(() => {
      if (socket === this.#socket) clearTimeout(this.#deadline);
    }, () => {});
  }

  #drain(afterMs) {
    const socket = this.#socket;
    setTimeout(() => {
      if (socket !== this.#socket) return;
      this.#drop(1000);
      this.start();
    }, afterMs);
  }

  async #refresh() {
    const token = await this.#renewed();
    if (!token) {
      this.emit('expiring');
      return;
    }
    this.request('refresh', { token }).catch(() => {});
  }

  async #renewed() {
    const token = await this.renew().catch(() => null);
    if (token) this.token = token;
    return token;
  }

  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#deadline);
    clearTimeout(this.#retryTimer);
    clearInterval(this.#pingTimer);
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(code);
    }
    const replies = [...this.#replies.values()];
    this.#replies.clear();
    for (const { reject } of replies) reject(disconnected());
  }

  async #lost(socket, code, reason) {
    if (socket !== this.#socket) return;
    this.#drop(code >= 3000 && code <= 4999 ? code : 1000);
    const { next, floorMs } = afterClose(code);
    if (reason) this.reason = reason;
    if (next === 'stop') this.#enter('stopped');
    else if (next === 'token') await this.#again();
    else this.#plan(floorMs);
  }

  async #again() {
    this.#renewals += 1;
    const token = this.#renewals <= 2 ? await this.#renewed() : null;
    if (token) this.#plan(0);
    else {
      this.#enter('stopped');
      this.emit('signed_out');
    }
  }

  #plan(floorMs) {
    const wait = floorMs + delay(this.#attempt);
    this.#attempt += 1;
    this.retryAt = Date.now() + wait;
    this.#retryTimer = setTimeout(() => this.start(), wait);
    this.#enter(navigator.onLine ? 'waiting' : 'offline');
  }

  #enter(state) {
    this.state = state;
    this.emit('state', state);
  }
}

function disconnected() {
  return new ServiceError({
    code: 'disconnected', message: 'The connection was lost.', retryable: true,
  });
}
