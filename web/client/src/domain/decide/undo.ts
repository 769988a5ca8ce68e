// Undo and redo, per person: the inverse of an own operation, decided again on today's state. A
// colleague's later change of the same thing is never overwritten. An operation, its undo, the redo of
// that undo and so on form a chain whose last event says whether the operation is in effect.

import type * as wire from '../../wire.js';
import type { Past, Remembered } from '../past.js';
import type { Timetable } from '../timetable.js';
import type { Case } from './case.js';
import { Refusal, Undecidable, forbidden, notFound } from './refusal.js';
import { permit, single } from './single.js';
import type { Step } from './step.js';
import { Unit } from './unit.js';

type Direction = 'undo' | 'redo';
/** An ordinary operation or a redo; an undo; or one whose chain begins before what we remember. */
type Link = 'done' | 'undone' | 'unknown';

/** Reverts the caller's latest event in that direction, or the one named. */
export function revert(
  state: Timetable, direction: Direction, named: string | null | undefined, asked: Case,
): { step: Step; undoes: string } {
  const chains = new Chains(asked.ctx.past);
  const found = named ? findNamed(chains, direction, named, asked) : findLatest(chains, direction, asked);
  const { inverse } = found;
  if (!inverse) throw new Undecidable('what would revert it is not known');
  if (inverse.length === 0) throw refused('this operation changed nothing that could be reverted');
  refuseOvertaken(chains, found, asked);
  return { step: replay(state, inverse, asked), undoes: found.event.opId };
}

/** Recorded inverses, of any number, decided again. */
function replay(state: Timetable, ops: readonly wire.Operation[], asked: Case): Step {
  asked.baseVersion = undefined;
  const [first] = ops;
  if (first && ops.length === 1) {
    permit(first, asked.ctx.role);
    return single(state, first, asked);
  }
  const unit = new Unit(state);
  for (const op of ops) {
    permit(op, asked.ctx.role);
    unit.add(single(unit.scratch, op, asked), asked);
  }
  return unit.finish((effects) => ({ kind: 'batch', ops: effects }));
}

class Chains {
  readonly events: readonly Remembered[];
  #byOp = new Map<string, Remembered>();
  #revertedBy = new Map<string, Remembered>();

  constructor(readonly past: Past) {
    this.events = past.events;
    for (const each of this.events) {
      this.#byOp.set(each.event.opId, each);
      if (each.event.undoes) this.#revertedBy.set(each.event.undoes, each);
    }
  }

  byOp(opId: string): Remembered | undefined {
    return this.#byOp.get(opId);
  }

  reverter({ event }: Remembered): Remembered | undefined {
    return this.#revertedBy.get(event.opId);
  }

  /** The last event of the chain that this one is in. */
  end(of: Remembered): Remembered {
    let end = of;
    for (let next = this.reverter(end); next && next.event.seq > end.event.seq; next = this.reverter(end)) end = next;
    return end;
  }

  link(of: Remembered): Link {
    let link: Link = 'done';
    for (let at = of; at.event.undoes;) {
      const before = this.#reverted(at);
      if (!before) return 'unknown';
      link = link === 'done' ? 'undone' : 'done';
      at = before;
    }
    return link;
  }

  /** Whether an event changed something after `seq` that is still in effect. */
  countsAfter(of: Remembered, seq: number): boolean {
    let root = of;
    for (let before = this.#reverted(root); before; before = this.#reverted(root)) root = before;
    return of.event.seq > seq && (root.event.seq <= seq || this.link(this.end(of)) !== 'undone');
  }

  #reverted({ event }: Remembered): Remembered | undefined {
    const before = event.undoes ? this.#byOp.get(event.undoes) : undefined;
    return before && before.event.seq < event.seq ? before : undefined;
  }
}

function findNamed(chains: Chains, direction: Direction, opId: string, asked: Case): Remembered {
  const found = chains.byOp(opId);
  if (!found) throw unknown(chains);
  if (found.event.userId !== asked.ctx.userId) throw forbidden('only own operations can be undone or redone');
  const end = chains.end(found);
  const link = chains.link(end);
  if (link === 'unknown') throw unknown(chains);
  if (link === (direction === 'undo' ? 'done' : 'undone')) return end;
  throw refused(direction === 'undo' ? 'this operation is already undone' : 'this operation is not undone');
}

/** The top of the caller's undo or redo stack. */
function findLatest(chains: Chains, direction: Direction, asked: Case): Remembered {
  const own = chains.events.filter(({ event }) => event.userId === asked.ctx.userId).reverse();
  const open = (each: Remembered) => !chains.reverter(each);
  if (direction === 'undo') {
    const found = own.find((each) => open(each) && chains.link(each) === 'done' && each.inverse?.length !== 0);
    if (found) return found;
    throw unknown(chains);
  }
  // A new ordinary operation ends what could be redone.
  const ordinary = own.findIndex(({ event }) => !event.undoes);
  const recent = ordinary < 0 ? own : own.slice(0, ordinary);
  const found = recent.find((each) => open(each) && chains.link(each) === 'undone');
  if (found) return found;
  throw ordinary < 0 ? unknown(chains) : notFound('operation', 'opId');
}

function refuseOvertaken(chains: Chains, of: Remembered, asked: Case): void {
  const meets = (each: Remembered) => [...each.touched].some((part) => of.touched.has(part));
  const overtaking = chains.events.findLast((later) => later.event.seq > of.event.seq
    && later.event.userId !== asked.ctx.userId && chains.countsAfter(later, of.event.seq) && meets(later));
  if (!overtaking) return;
  const { userId, seq } = overtaking.event;
  throw new Refusal('stale', `${userId} has changed the same thing since`, undefined, { overtakenBy: { userId, seq } });
}

function refused(reason: string): Refusal {
  return new Refusal('stale', reason, undefined, { overtakenBy: { userId: null, seq: null } });
}

/** Not there; or perhaps there, before what we remember. */
function unknown({ past }: Chains): Error {
  return past.complete ? notFound('operation', 'opId') : new Undecidable('before our memory');
}
