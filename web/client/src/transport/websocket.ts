// The native transport: one JSON object a text frame; `id` in a request comes back as `re`.

import type { ServerMessage } from '../messages.js';
import type { Dial, Line, LineEvents } from './line.js';

const SUBPROTOCOL = 'kyo.v1.json';

/** The part of a browser's WebSocket that we need; that of `ws` for Node 20 has it too. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** A constructor of such sockets. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => WebSocketLike;

const OPEN = 1;

/** Lines to the socket address of a service, such as `wss://host/api/collaboration/ws`. */
export function webSocket(url: string, Socket: WebSocketClass): Dial {
  return (token, events) => new WebSocketLine(new Socket(url, SUBPROTOCOL), token, events);
}

class WebSocketLine implements Line {
  #replies = new Map<number, (message: ServerMessage) => void>();
  #lastId = 0;

  constructor(private readonly socket: WebSocketLike, token: string, events: LineEvents) {
    socket.onopen = () => this.send('authenticate', { token });
    socket.onmessage = ({ data }: { data: unknown }) => this.#receive(data, events);
    socket.onclose = ({ code, reason }: { code: number; reason: unknown }) => events.closed(code, String(reason));
    socket.onerror = () => {}; // A close follows, and says why.
  }

  send(type: string, fields: object): void {
    if (this.socket.readyState === OPEN) this.socket.send(JSON.stringify({ type, ...fields }));
  }

  request(type: string, fields: object, reply: (message: ServerMessage) => void): void {
    this.#lastId += 1;
    this.#replies.set(this.#lastId, reply);
    this.send(type, { id: this.#lastId, ...fields });
  }

  close(code = 1000): void {
    this.socket.onopen = null;
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close(code);
  }

  #receive(data: unknown, events: LineEvents): void {
    const message = parsed(data);
    if (!message) return;
    const reply = message.re === undefined ? undefined : this.#replies.get(message.re);
    if (reply && message.re !== undefined) {
      this.#replies.delete(message.re);
      reply(message);
    } else events.message(message);
  }
}

/** What is not a message is ignored: a proxy's chatter must not end a session. */
function parsed(data: unknown): (ServerMessage & { re?: number }) | null {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data) as ServerMessage & { re?: number };
  } catch {
    return null;
  }
}
