// Sending many operations: in batches that the service takes whole, and where it refuses one, in halves,
// until what is refused is known and everything else is in.

import type { ServiceError, wire } from '@kyo/collaboration-client';

/** Fewer than the service's 100: others at work should not wait for one large event. */
const MOST_OPS = 50;
/** Less than the service's largest message, for the envelope has its size too. */
const MOST_BYTES = 48 * 1024;

/** Where operations go. */
export interface Sink {
  /** Null when it was refused. */
  send(op: wire.Operation): Promise<{ opId: string } | null>;
  /** Why a single operation is refused. */
  why(op: wire.Operation): Promise<ServiceError | null>;
}

/** What became of them. */
export interface Sent {
  readonly opIds: readonly string[];
  readonly done: number;
  readonly refused: readonly { readonly op: wire.Operation; readonly error: ServiceError | null }[];
}

/** Operations in portions of bounded number and size, in order. */
export function portions(ops: readonly wire.Operation[]): wire.Operation[][] {
  const made: wire.Operation[][] = [];
  let bytes = Infinity;
  for (const op of ops) {
    const size = new TextEncoder().encode(JSON.stringify(op)).length + 1;
    const last = made.at(-1);
    if (!last || last.length >= MOST_OPS || bytes + size > MOST_BYTES) {
      made.push([op]);
      bytes = size;
    } else {
      last.push(op);
      bytes += size;
    }
  }
  return made;
}

/** Sends all of them, one after the other; `progress` hears of each step and stops it by answering false. */
export async function sendAll(ops: readonly wire.Operation[], sink: Sink, progress: (sent: Sent) => boolean): Promise<Sent> {
  let sent: Sent = { opIds: [], done: 0, refused: [] };
  const waiting = portions(ops);
  while (waiting.length > 0 && progress(sent)) {
    const portion = waiting.shift() ?? [];
    const [only] = portion;
    const op: wire.Operation | undefined = portion.length > 1 ? { kind: 'batch', ops: portion } : only;
    if (!op) continue;
    const ack = await sink.send(op);
    if (ack) sent = { ...sent, opIds: [...sent.opIds, ack.opId], done: sent.done + portion.length };
    else if (portion.length > 1) waiting.unshift(...halves(portion));
    else sent = { ...sent, refused: [...sent.refused, { op, error: await sink.why(op) }] };
  }
  progress(sent);
  return sent;
}

function halves(portion: wire.Operation[]): wire.Operation[][] {
  const middle = Math.ceil(portion.length / 2);
  return [portion.slice(0, middle), portion.slice(middle)];
}
