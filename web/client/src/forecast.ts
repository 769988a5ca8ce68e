// The timetable as it will be when the operations under way are committed: each is decided again, by
// the service's rules, on the newest committed state and the ones before it. Pure.

import type { Context } from './domain/decide/case.js';
import { type Decision, decide } from './domain/decide/decide.js';
import { Refusal, Undecidable } from './domain/decide/refusal.js';
import { effectOf, foldEvent } from './domain/fold.js';
import type { Past } from './domain/past.js';
import { touchedBy } from './domain/touched.js';
import type { Timetable } from './domain/timetable.js';
import type { ServiceError } from './error.js';
import type { Pending } from './queue.js';
import { versionOf } from './rebase.js';
import type * as wire from './wire.js';

/** What can be foreseen of an operation: its effect, its refusal, or nothing. */
export type Foreseen = { readonly decision: Decision } | { readonly error: ServiceError } | null;

/** A state with the past that led to it. */
export interface Present {
  readonly timetable: Timetable;
  readonly past: Past;
}

/** Who asks, without the past. */
export type Asker = Omit<Context, 'past' | 'freshId'>;

/** What an operation would do now. */
export function foresee(
  { timetable, past }: Present, op: wire.Operation, opId: string, baseVersion: number | undefined, asker: Asker,
): Foreseen {
  const freshId = (n: number) => `${opId}~${n}`;
  try {
    return { decision: decide(timetable, { opId, op, baseVersion }, { ...asker, past, freshId }) };
  } catch (error) {
    if (error instanceof Refusal) return { error: error.toError() };
    if (error instanceof Undecidable) return null;
    throw error;
  }
}

/** The state after all operations that will be taken; tells `found` what becomes of each. */
export function forecast<P extends Pending>(
  now: Present, pending: readonly P[], asker: Asker, found: (entry: P, foreseen: ServiceError | null) => void,
): Present {
  if (pending.length === 0) return now;
  const ahead = { timetable: now.timetable.copy(), past: now.past.copy() };
  for (const entry of pending) {
    const base = baseAhead(now.timetable, ahead.timetable, entry);
    const foreseen = foresee(ahead, entry.op, entry.opId, base, asker);
    found(entry, foreseen && 'error' in foreseen ? foreseen.error : null);
    if (!foreseen || 'error' in foreseen) continue;
    const { event, marks, inverse } = foreseen.decision;
    foldEvent(ahead.timetable, event, marks);
    ahead.past.push({ event, inverse, touched: touchedBy(effectOf(event)) });
  }
  return ahead;
}

/** Our own operations before this one are part of what the person saw. */
function baseAhead(committed: Timetable, ahead: Timetable, { op, baseVersion }: Pending): number | undefined {
  if (baseVersion === undefined) return undefined;
  const version = versionOf(committed, op);
  return version === undefined || baseVersion >= version ? versionOf(ahead, op) ?? baseVersion : baseVersion;
}
