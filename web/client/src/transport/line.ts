// What a transport gives: one line to the service, opened once, never mended. Keeping one alive is
// the client's work.

import type { RequestType, ServerMessage } from '../messages.js';

/** What a line tells its owner. */
export interface LineEvents {
  /** A push, the `welcome` first. */
  message(message: ServerMessage): void;
  /** It is gone, with the reason in the terms of protocol section 8. Said once; nothing follows. */
  closed(code: number, reason: string): void;
}

/** One line. */
export interface Line {
  /** Sends without asking for an answer. */
  send(type: RequestType, fields: object): void;
  /** Sends and hands the answer to `reply`, `error` too. No answer when the line goes first. */
  request(type: RequestType, fields: object, reply: (message: ServerMessage) => void): void;
  /** Hangs up; `closed` is not called. */
  close(code?: number): void;
}

/** Opens a line and authenticates with the token. */
export type Dial = (token: string, events: LineEvents) => Line;
