// What an event does not say of itself, found by deciding its effect again on the state before it:
// what would revert it, and which courses stand on its override.

import type * as wire from '../../wire.js';
import { effectOf, type Marks } from '../fold.js';
import { Past } from '../past.js';
import type { Timetable } from '../timetable.js';
import { Case, type Command, type Context } from './case.js';
import { single } from './single.js';
import type { Step } from './step.js';
import { Unit } from './unit.js';

/** What was found. */
export interface Hidden {
  /** Null where the rules as we know them would not let the event happen again. */
  readonly inverse: readonly wire.Operation[] | null;
  readonly marks: Marks;
}

const NOTHING: Hidden = { inverse: null, marks: new Map() };

/** Looks behind an event that is about to be folded into `before`. */
export function hiddenIn(before: Timetable, event: wire.Event): Hidden {
  try {
    return found(before, event);
  } catch {
    return NOTHING;
  }
}

function found(before: Timetable, event: wire.Event): Hidden {
  const effect = effectOf(event);
  const restored = 'restoredSeq' in event.data && event.data.restoredSeq != null;
  const parts = operationsOf(effect);
  const first = run(before, event, parts, new Set(), restored);
  if (restored) return { inverse: first.inverse, marks: toggled(before, effect) };
  const needed = new Set(first.bearers.map(([, courseId]) => courseId));
  for (const { courses } of event.conflicts?.detected ?? []) {
    if (courses.some((course) => course.room !== before.room)) {
      for (const course of courses) if (course.room === before.room) needed.add(course.courseId);
    }
  }
  const last = event.override && needed.size > 0 ? run(before, event, parts, needed) : first;
  const marks = new Map(last.marks);
  for (const id of event.override ? marksOf(effect) : []) marks.set(id, true);
  // Marks are no steps of their own: what reverts the rule reverts them with it.
  const unmarked = parts.filter((op) => !(op.kind === 'course_update' && Object.keys(op.patch).length === 0));
  return { inverse: unmarked.length < parts.length ? run(before, event, unmarked, new Set()).inverse : first.inverse, marks };
}

function run(before: Timetable, event: wire.Event, ops: readonly wire.Operation[], marks: ReadonlySet<string>, restoring = false): Step {
  const unit = new Unit(before);
  const asked = new Case(before, commandOf(event), contextOf(event), event, marks, restoring);
  for (const op of ops) unit.add(single(unit.scratch, op, asked), asked);
  return unit.finish((effects) => ({ kind: 'batch', ops: effects }));
}

/** The operations that have this effect. */
function operationsOf(effect: wire.Effect): wire.Operation[] {
  switch (effect.kind) {
    case 'batch': return effect.ops.flatMap(operationsOf);
    case 'template_apply': return effect.courses.map((course) => ({ kind: 'course_create', course }));
    case 'course_create': return [{ kind: 'course_create', course: effect.course }];
    case 'template_save': return [{ kind: 'template_save', template: effect.template }];
    case 'resource_upsert': return [{ kind: 'resource_upsert', resource: effect.resource }];
    default: return [effect];
  }
}

/** Courses of which an effect changes nothing but the mark. */
function marksOf(effect: wire.Effect): string[] {
  if (effect.kind === 'batch') return effect.ops.flatMap(marksOf);
  return effect.kind === 'course_update' && Object.keys(effect.patch).length === 0 ? [effect.courseId] : [];
}

/** A restore that changes nothing but a mark turns it round. */
function toggled(before: Timetable, effect: wire.Effect): Marks {
  return new Map(marksOf(effect).map((id) => [id, before.entry(id)?.overridden !== true]));
}

/** As permissive as can be: what was committed took effect. */
function commandOf({ opId, override }: wire.Event): Command {
  return { opId, op: { kind: 'undo', override: override ?? { reason: 'committed' } } };
}

function contextOf({ userId }: wire.Event): Context {
  return {
    userId, sessionId: '', role: 'owner', now: 0, timezone: 'UTC', freshId: String, lockAgainst: () => null, past: new Past(),
  };
}
