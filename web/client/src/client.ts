// The way in: a connection to the service and the rooms that are open on it.

import { Connection } from './connection.js';
import { Room } from './room.js';
import { IndexedDbStorage } from './storage/indexeddb.js';
import { MemoryStorage, type Storage } from './storage/storage.js';
import type { TokenSource } from './token.js';
import type { Dial } from './transport/line.js';
import { type WebSocketClass, webSocket } from './transport/websocket.js';
import type * as wire from './wire.js';

/** How to reach the service, and as whom. */
export interface ClientOptions {
  /** Address of the socket, `wss://host/api/collaboration/ws`. Not needed with `transport`. */
  url?: string | undefined;
  /** A token, or the function that answers one; null there means: signed out. */
  token: string | TokenSource;
  /** Answers a newer token, where `token` is a plain text. */
  renew?: TokenSource | undefined;
  /** The WebSocket class where there is no global one, as in Node 20. */
  webSocket?: WebSocketClass | undefined;
  /** Another transport than the native one, such as `socketio(socket)`. */
  transport?: Dial | undefined;
  /** Where unsent operations wait: the browser's IndexedDB, or memory where there is none. */
  storage?: Storage | undefined;
  /** How many operations of one room may wait; 1000 when left out. */
  queueLimit?: number | undefined;
}

const QUEUE_LIMIT = 1000;

/** A connection with rooms. */
export class Client extends Connection {
  #rooms = new Map<string, Room>();
  #storage: Storage;
  #queueLimit: number;

  constructor(options: ClientOptions) {
    super({ dial: options.transport ?? native(options), token: options.token, renew: options.renew });
    this.#storage = options.storage ?? ownStorage();
    this.#queueLimit = options.queueLimit ?? QUEUE_LIMIT;
  }

  /** Joins a room, or answers the one that is joined already. */
  room(id: string, { profile }: { profile?: wire.Profile } = {}): Room {
    const open = this.#rooms.get(id);
    if (open) return open;
    const room = new Room(this, id, {
      storage: this.#storage, queueLimit: this.#queueLimit, profile, left: () => this.#rooms.delete(id),
    });
    this.#rooms.set(id, room);
    return room;
  }
}

function ownStorage(): Storage {
  const factory = (globalThis as { indexedDB?: IDBFactory }).indexedDB;
  return factory ? new IndexedDbStorage(factory) : new MemoryStorage();
}

function native({ url, webSocket: given }: ClientOptions): Dial {
  const Socket = given ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
  if (!url) throw new TypeError('`url` is missing');
  if (!Socket) throw new TypeError('there is no WebSocket here: give one as `webSocket`');
  return webSocket(url, Socket);
}
