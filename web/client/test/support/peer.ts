// The other end of the wire, scripted: answers as a test wants a service to behave that real ones
// rarely do. What it says is checked against the generated types.

import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { wire } from '../../src/index.js';

type Fields = Record<string, unknown>;
type Answer = (message: Fields, socket: WebSocket) => Fields | undefined | void;

/** An empty room as `joined` shows it. */
export const EMPTY: wire.Joined = {
  room: 'r', name: 'Room', timezone: 'UTC', role: 'owner', epoch: 1, seq: 0, sync: 'snapshot', participants: [], locks: [],
  policy: { staleEdits: 'merge', defaultOverlap: 'forbid' }, digest: '00000000',
  snapshot: { courses: [], resources: [], templates: [], policy: { staleEdits: 'merge', defaultOverlap: 'forbid' }, conflicts: [] },
};

/** See the module's comment. */
export class Peer {
  /** Everything that came in, of all connections. */
  readonly heard: Fields[] = [];
  #answers = new Map<string, Answer>();
  #server: WebSocketServer;
  #sockets = new Set<WebSocket>();

  private constructor() {
    this.#server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    this.#server.on('connection', (socket) => this.#serve(socket));
    this.on('authenticate', (_, socket) => this.welcome(socket));
    this.on('ping', () => ({ type: 'pong', serverTime: new Date().toISOString() }));
    this.on('join', () => ({ type: 'joined', ...EMPTY }));
  }

  static async listen(): Promise<Peer> {
    const peer = new Peer();
    await new Promise((resolve) => peer.#server.once('listening', resolve));
    return peer;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often somebody connected. */
  connections = 0;

  /** What is answered to a type of message from now on. */
  on(type: string, answer: Answer): this {
    this.#answers.set(type, answer);
    return this;
  }

  /** Says something to everybody. */
  push(message: Fields): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  /** Closes all connections with a code. */
  close(code: number): void {
    for (const socket of this.#sockets) socket.close(code);
  }

  /** The messages of one type. */
  of(type: string): Fields[] {
    return this.heard.filter((message) => message['type'] === type);
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  welcome(socket: WebSocket): void {
    const welcome: wire.Welcome = {
      sessionId: `s-${this.connections}`, userId: 'ann', tenantId: 'studio', name: 'Ann', serverTime: new Date().toISOString(),
      node: 'peer', version: '0', limits: { maxMessageBytes: 65536, opsPerSecond: 50, presencePerSecond: 60 }, presenceTickMs: 50,
    };
    socket.send(JSON.stringify({ type: 'welcome', ...welcome }));
  }

  #serve(socket: WebSocket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Fields;
      this.heard.push(message);
      const answer = this.#answers.get(String(message['type']))?.(message, socket);
      if (answer) socket.send(JSON.stringify({ ...answer, re: message['id'] }));
    });
  }
}
