// From a wish to what takes effect, by the rules of the service's own `decide` as far as one room
// knows them: bookings of other rooms and the states behind a restore are the service's alone.

import type * as wire from '../../wire.js';
import { MAX_CONFLICTS, MAX_LISTED } from '../conflict.js';
import { type Author, type Marks, authorOf } from '../fold.js';
import type { Timetable } from '../timetable.js';
import { under, validate } from './bounds.js';
import { Case, type Command, type Context, tooManyConflicts } from './case.js';
import { Refusal, Undecidable, forbidden } from './refusal.js';
import { permit, single } from './single.js';
import type { Step } from './step.js';
import { suggest } from './suggest.js';
import { revert } from './undo.js';
import { Unit } from './unit.js';

/** An accepted operation. */
export interface Decision {
  /** What takes effect, at `seq` plus one. Its detected conflicts are the warnings. */
  readonly event: wire.Event;
  /** Which of its courses stand on an override. */
  readonly marks: Marks;
  /** What would revert it, in order. */
  readonly inverse: readonly wire.Operation[];
}

/** Decides a command; throws a `Refusal`, or `Undecidable` when only the service knows. */
export function decide(timetable: Timetable, command: Command, ctx: Context): Decision {
  const { op } = command;
  validate(op);
  const author = authorOf(ctx.userId, ctx.now);
  if (op.override && ctx.role !== 'owner') throw forbidden('only owners may override');
  permit(op, ctx.role);
  const { step, undoes, asked } = decided(timetable, command, ctx, author);
  refuseOverlaps(timetable, step, asked);
  const added = step.conflicts.detected.length;
  if (added > 0 && timetable.conflicts.size + added > MAX_CONFLICTS + step.conflicts.resolved.length) {
    throw tooManyConflicts();
  }
  return { event: eventOf(timetable, command, ctx, author, step, undoes), marks: step.marks, inverse: step.inverse };
}

/**
 * The step; with an override once more, with marks on the courses that are in somebody's way after the
 * first try: an override that nothing needs leaves no trace but its reason.
 */
function decided(timetable: Timetable, command: Command, ctx: Context, author: Author) {
  const asked = new Case(timetable, command, ctx, author);
  const first = stepOf(timetable, command.op, asked);
  const marks = new Set(first.step.bearers.map(([, courseId]) => courseId));
  if (!asked.overriding || marks.size === 0) return { ...first, asked };
  const again = new Case(timetable, command, ctx, author, marks);
  return { ...stepOf(timetable, command.op, again), asked: again };
}

function stepOf(timetable: Timetable, op: wire.Operation, asked: Case): { step: Step; undoes?: string } {
  switch (op.kind) {
    case 'batch': return { step: batch(timetable, op.ops, asked) };
    case 'undo': case 'redo': return revert(timetable, op.kind, op.opId, asked);
    case 'restore': throw new Undecidable('the state to go back to is not here');
    default: return { step: single(timetable, op, asked) };
  }
}

function batch(timetable: Timetable, ops: readonly wire.Operation[], asked: Case): Step {
  const unit = new Unit(timetable);
  asked.baseVersion = undefined;
  ops.forEach((op, index) => under(`ops[${index}]`, () => {
    permit(op, asked.ctx.role);
    unit.add(single(unit.scratch, op, asked), asked);
  }));
  return unit.finish((effects) => ({ kind: 'batch', ops: effects }));
}

function refuseOverlaps(timetable: Timetable, step: Step, asked: Case): void {
  if (step.forbidden.length === 0 || asked.overriding) return;
  const { wanted, forbidden: conflicts } = step;
  const suggestions = wanted ? suggest(timetable, wanted.id, wanted.fields, conflicts) : [];
  throw new Refusal('conflict', 'conflicts with other bookings', undefined, {
    conflicts: conflicts.slice(0, MAX_LISTED), ...(suggestions.length > 0 && { suggestions }),
  });
}

function eventOf(
  timetable: Timetable, { opId, op }: Command, ctx: Context, { userId, at }: Author, step: Step, undoes?: string,
): wire.Event {
  const { kind, ...data } = together(step.effects);
  const { detected, resolved } = step.conflicts;
  return {
    seq: timetable.seq + 1, opId, userId, sessionId: ctx.sessionId, at, kind, data: data as wire.EventData,
    ...(undoes && { undoes }),
    ...(op.override && { override: op.override }),
    ...(detected.length + resolved.length > 0 && { conflicts: { detected, resolved } }),
  };
}

/** The effect of a step: one, or several as a batch. */
function together(effects: readonly wire.Effect[]): wire.Effect {
  const [first] = effects;
  return first && effects.length === 1 ? first : { kind: 'batch', ops: [...effects] };
}
