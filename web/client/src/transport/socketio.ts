// Lines over an application's own Socket.IO socket. The socket is lent: make it with
// `autoConnect: false`; when to connect again is the client's decision.

import type { ServerMessage } from '../messages.js';
import type { Dial, Line, LineEvents } from './line.js';

/** The part of a socket.io-client `Socket` that we need. */
export interface SocketLike {
  auth: unknown;
  readonly io?: { reconnection(value: boolean): unknown };
  connect(): unknown;
  disconnect(): unknown;
  emit(name: string, ...args: unknown[]): unknown;
  on(name: string, listener: (...args: unknown[]) => void): unknown;
  off(name: string, listener: (...args: unknown[]) => void): unknown;
  onAny(listener: (name: string, ...args: unknown[]) => void): unknown;
  offAny(listener: (name: string, ...args: unknown[]) => void): unknown;
}

interface Farewell { code: number; reason: string }

/** What a refused connection means in the terms of close codes. */
const CLOSE_CODES: Record<string, number> = {
  unauthenticated: 4001, token_expired: 4002, forbidden: 4003, rate_limited: 4029,
};

/** The connection broke without a word. */
const BROKEN = 1006;

/** Gives lines over this socket, one after the other. */
export function socketio(socket: SocketLike): Dial {
  socket.io?.reconnection(false);
  return (token, events) => new SocketIoLine(socket, token, events);
}

class SocketIoLine implements Line {
  #said: Farewell = { code: BROKEN, reason: '' };
  #listeners: [name: string, listener: (...args: unknown[]) => void][];
  #any: (name: string, body?: unknown) => void;

  constructor(private readonly socket: SocketLike, token: string, events: LineEvents) {
    this.#any = (name, body) => this.#heard(name, body, events);
    this.#listeners = [
      ['disconnect', (reason) => this.#ended(this.#said.reason || String(reason), events)],
      ['connect_error', (error) => {
        const { message, data } = error as Error & { data?: { code?: string } };
        this.#said.code = CLOSE_CODES[data?.code ?? ''] ?? BROKEN;
        this.#ended(message, events);
      }],
    ];
    for (const [name, listener] of this.#listeners) socket.on(name, listener);
    socket.onAny(this.#any);
    socket.auth = { token };
    socket.connect();
  }

  send(type: string, fields: object): void {
    this.socket.emit(type, fields);
  }

  request(type: string, fields: object, reply: (message: ServerMessage) => void): void {
    this.socket.emit(type, fields, (message: ServerMessage) => reply(message));
  }

  close(): void {
    this.#unlisten();
    this.socket.disconnect();
  }

  #heard(name: string, body: unknown, events: LineEvents): void {
    if (name === 'closing') this.#said = body as Farewell;
    else events.message({ ...(body as object), type: name } as ServerMessage);
  }

  #ended(reason: string, events: LineEvents): void {
    this.#unlisten();
    events.closed(this.#said.code, reason);
  }

  #unlisten(): void {
    for (const [name, listener] of this.#listeners) this.socket.off(name, listener);
    this.socket.offAny(this.#any);
  }
}
