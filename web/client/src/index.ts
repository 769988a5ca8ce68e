// Live gym timetables: the client of kyo-collaboration for browsers and Node 20.

export { Client, type ClientOptions } from './client.js';
export type { ConnectionEvents, State } from './connection.js';
export { Timetable, resourceKey } from './domain/timetable.js';
export { type Code, ServiceError } from './error.js';
export type { Locks } from './locks.js';
export type { PresenceChange } from './presence.js';
export type { ApplyOptions, Room, RoomEvents, RoomRecord } from './room.js';
export { Signal } from './signal.js';
export type { TokenSource } from './token.js';
export type { Dial, Line, LineEvents } from './transport/line.js';
export type { WebSocketClass, WebSocketLike } from './transport/websocket.js';
export type * as wire from './wire.js';
