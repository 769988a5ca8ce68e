// What the operator API says (docs/CONSOLE.md), as types. Unknown fields may come and are ignored.

/** How a part of the service is. */
export type Standing = 'up' | 'degraded' | 'down' | 'alone';

/** The replica's phase. */
export type Phase = 'starting' | 'ready' | 'draining' | 'stopped';

/** Numbers of one tenant on the replica that answered. */
export interface Overview {
  readonly node: string;
  readonly version: string;
  readonly phase: Phase;
  readonly now: string;
  readonly uptimeMs: number;
  readonly mayActOnProcess: boolean;
  readonly database: { readonly state: Standing };
  readonly bus: { readonly state: Standing; readonly shards: number; readonly shardsUp: number; readonly canaryAgeMs: number | null; readonly replicas: number };
  readonly sessions: { readonly total: number; readonly websocket: number; readonly socketio: number; readonly polling: number };
  readonly rooms: { readonly active: number; readonly silent: number };
  readonly operations: {
    readonly since: string;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly ackMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly samples: number };
  };
  readonly queues: {
    readonly operations: number; readonly late: number;
    readonly outboxFrames: number; readonly outboxBytes: number; readonly outboxFramesMax: number;
  };
  readonly followers: number;
}

/** A room in memory; one that does not answer in time has an id alone. */
export type RoomFacts = SilentRoom | RoomAnswer;

/** A room that did not answer in time, or is still loading. */
export interface SilentRoom { readonly room: string; readonly answering: false }

/** A room that answered. */
export interface RoomAnswer {
  readonly room: string;
  readonly name: string;
  readonly answering: true;
  readonly sessions: number;
  readonly head: { readonly epoch: number; readonly seq: number };
  readonly courses: number;
  readonly queue: number;
  readonly late: number;
  readonly appending: boolean;
  readonly locks: number;
  readonly loadedAt: string;
  readonly lastOperationAt: string | null;
  readonly operations: { readonly committed: number; readonly refused: number };
  readonly outboxFrames: number;
  readonly outboxBytes: number;
}

/** Somebody in a room; people on other replicas have no outbox here. */
export interface Member {
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly outboxFrames: number | null;
  readonly outboxBytes: number | null;
  readonly behind: boolean;
  readonly local: boolean;
}

/** Who holds a class. */
export interface Lock { readonly courseId: string; readonly userId: string; readonly sessionId: string; readonly expiresAt: string }

/** What somebody wanted and what came of it, without what it said. */
export interface Operation {
  readonly at: string;
  readonly kind: string;
  readonly opId: string;
  readonly userId: string;
  readonly sessionId: string | null;
  readonly outcome: string;
  readonly seq: number | null;
  readonly ms: number;
}

/** One room with who is in it. */
export type RoomDetail = (RoomAnswer & RoomParts) | (SilentRoom & Partial<RoomParts>);

interface RoomParts {
  readonly node: string;
  readonly members: readonly Member[];
  readonly heldLocks: readonly Lock[];
  readonly lastOperations: readonly Operation[];
}

/** A connection. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  readonly role: string;
  readonly transport: string;
  readonly connectedAt: string;
  readonly tokenExpiresAt: string;
  readonly answering: boolean;
  readonly rooms: readonly string[];
  readonly closing: boolean;
  readonly outboxFrames: number;
  readonly outboxBytes: number;
  readonly messages: number;
  readonly refused: number;
}

/** What is logged. */
export interface LogFilter { readonly filter: string; readonly until: string | null; readonly configured: string; readonly node: string }

/** What an operator did. */
export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly operator: string;
  readonly action: string;
  readonly target: string;
  readonly reason: string | null;
  readonly node: string;
  readonly outcome: string;
}
