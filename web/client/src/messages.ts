// Which reply belongs to which request. The messages themselves are generated (`wire`).

import type * as wire from './wire.js';

/** A message type that a client sends. */
export type RequestType = keyof wire.ClientMessages;

/** What the service answers to each request. */
export interface Replies {
  authenticate: wire.Welcome;
  cursor_move: never;
  history: wire.History;
  join: wire.Joined;
  leave: wire.Left;
  lock: wire.Locked;
  op: wire.Ack;
  ping: wire.Pong;
  refresh: wire.Expiry;
  selection_change: never;
  snapshot: wire.Snapshot;
  unlock: wire.Unlocked;
}

/** A message of the service with its type: what it pushes, and what it replies. */
export type ServerMessage = { [K in keyof wire.ServerMessages]: { type: K } & wire.ServerMessages[K] }[keyof wire.ServerMessages];

/** The messages that concern one room. */
export type RoomMessage = Extract<ServerMessage, { type: 'events' | 'presence' | 'locks' | 'resync' | 'room_closed' }>;
