// Live gym timetables: the client of kyo-collaboration for browsers and Node 20.

export { Client, type ClientOptions } from './client.js';
export type { ConnectionEvents, State } from './connection.js';
export { resourceKey } from './domain/rule.js';
export { Timetable } from './domain/timetable.js';
export { type Code, ServiceError } from './error.js';
export type { Locks } from './locks.js';
export type { PresenceChange } from './presence.js';
export type { Pending } from './queue.js';
export type { ApplyOptions, Foresight, Room, RoomEvents } from './room.js';
export { Signal } from './signal.js';
export { IndexedDbStorage } from './storage/indexeddb.js';
export { type Kept, MemoryStorage, type Storage } from './storage/storage.js';
export type { RoomRecord } from './sync.js';
export type { TokenSource } from './token.js';
export type { Dial, Line, LineEvents } from './transport/line.js';
export { type SocketLike, socketio } from './transport/socketio.js';
export type { WebSocketClass, WebSocketLike } from './transport/websocket.js';
export type * as wire from './wire.js';
