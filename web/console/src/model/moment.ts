// One second of the service, as charts show it. Pure.

import type { Overview } from '../service/facts.js';
import type { Counts, Rates } from './rates.js';

/** What is kept of an overview. */
export interface Moment {
  readonly websocket: number;
  readonly socketio: number;
  readonly polling: number;
  readonly rooms: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly queue: number;
  readonly late: number;
  readonly outbox: number;
  readonly rates: Rates | null;
}

/** The counts of an overview that came at `at`: the service's own clock may be written in whole seconds. */
export function countsOf({ node, operations }: Overview, at: number): Counts {
  return { node, since: operations.since, at, outcomes: operations.outcomes };
}

/** A moment of an overview. Percentiles of no commits are not zero: they are not there. */
export function momentOf({ sessions, rooms, operations, queues }: Overview, rates: Rates | null): Moment {
  const { ackMs } = operations;
  return {
    websocket: sessions.websocket, socketio: sessions.socketio, polling: sessions.polling, rooms: rooms.active,
    p50: ackMs.samples > 0 ? ackMs.p50 : null, p99: ackMs.samples > 0 ? ackMs.p99 : null,
    queue: queues.operations, late: queues.late, outbox: queues.outboxFrames, rates,
  };
}
