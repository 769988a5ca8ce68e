// A course that comes, goes or changes: its conflicts, and those it is answerable for.

import type * as wire from '../../wire.js';
import { conflictsWith } from '../clash.js';
import { conflictKeyText, conflictKey, names } from '../conflict.js';
import { type Entry, type Fields, samePlace } from '../course.js';
import type { Timetable } from '../timetable.js';
import type { Case } from './case.js';
import { type Step, conflictChanges, plain } from './step.js';

/** One course before and after a step. */
export interface Placement {
  readonly id: string;
  /** As it is; none when it comes. */
  readonly old?: Entry;
  /** As it would be; none when it goes. */
  readonly fields?: Fields;
  readonly overridden: boolean;
}

/** The step that makes `effect` of it. */
export function place(
  state: Timetable, placement: Placement, effect: wire.Effect, inverse: wire.Operation, asked: Case,
): Step {
  const { id, old, fields, overridden } = placement;
  const marks = new Map(fields ? [[id, overridden]] : []);
  const step = plain(effect, inverse);
  if (sameToOthers(placement)) return { ...step, marks };
  const before = old ? conflictsWith(state, id, old.fields) : [];
  const after = fields ? conflictsWith(state, id, fields) : [];
  const forbidden = after.filter((conflict) => answersFor(state, placement, conflict));
  // Conflicts with other rooms end with the place, until the service says so again.
  const elsewhere = [...state.conflicts.values()].filter((conflict) =>
    state.isElsewhere(conflict) && names(conflict, id, state.room));
  const kept = old && fields && samePlace(old.fields, fields) ? elsewhere : [];
  const ended = [...before, ...elsewhere].map((conflict) => conflict.id);
  return {
    ...step,
    marks,
    forbidden,
    bearers: forbidden.map((conflict) => [conflict.id, id] as const),
    conflicts: conflictChanges(state, ended, [...after, ...kept], asked),
    ...(fields && { wanted: { id, fields } }),
  };
}

/** Whether nothing changes that a conflict or another room could see. */
function sameToOthers({ old, fields, overridden }: Placement): boolean {
  return old !== undefined && fields !== undefined && samePlace(old.fields, fields)
    && old.overridden === overridden && old.fields.title === fields.title && old.fields.capacity === fields.capacity;
}

/**
 * Whether the step itself brings the course into a forbidden overlap: one that stays where it is
 * answers for nothing, one that changes only its trainer not for its studio. A course that stood on
 * an override answers for everything once it changes its place.
 */
function answersFor(state: Timetable, { old, fields }: Placement, conflict: wire.Conflict): boolean {
  if (!fields || conflict.courses.length < 2) return false;
  const { kind } = conflictKey(conflict);
  const placed = !old || places(old, fields, kind);
  return placed && state.rule(conflictKeyText(conflict)).overlap === 'forbid';
}

function places(old: Entry, fields: Fields, kind: wire.ResourceKindName): boolean {
  if (samePlace(old.fields, fields)) return false;
  const field = kind === 'trainer' ? 'trainerId' : 'studioId';
  const moved = old.fields.start !== fields.start || old.fields.end !== fields.end;
  return old.overridden || moved || old.fields[field] !== fields[field];
}
