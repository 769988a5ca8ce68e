// What one operation would do to a state, with what others need to judge it.

import type * as wire from '../../wire.js';
import { sameClash } from '../conflict.js';
import type { Fields } from '../course.js';
import type { Marks } from '../fold.js';
import { byBytes } from '../order.js';
import type { Timetable } from '../timetable.js';
import type { Case } from './case.js';

/** The effect of one operation. */
export interface Step {
  /** What changes; more than one where a rule's change marks courses, too. */
  readonly effects: wire.Effect[];
  /** What would revert it, in order. */
  readonly inverse: wire.Operation[];
  readonly conflicts: wire.ConflictChanges;
  /** Those of its conflicts that a rule forbids and that it is answerable for. */
  readonly forbidden: wire.Conflict[];
  /** The courses that would need an override, by the forbidden conflict. */
  readonly bearers: (readonly [conflictId: string, courseId: string])[];
  /** Which of its courses stand on an override after it. */
  readonly marks: Marks;
  /** The course that looks for a place, for suggestions. */
  readonly wanted?: { readonly id: string; readonly fields: Fields };
}

/** A step that touches neither time nor place. */
export function plain(effect: wire.Effect, inverse: wire.Operation): Step {
  return {
    effects: [effect], inverse: [inverse], conflicts: { detected: [], resolved: [] }, forbidden: [], bearers: [],
    marks: new Map(),
  };
}

/** What changes among standing conflicts when those called `before` give way to `after`. */
export function conflictChanges(
  state: Timetable, before: readonly string[], found: readonly wire.Conflict[], asked: Case,
): wire.ConflictChanges {
  const after = new Map(found.map((conflict) => [conflict.id, conflict]));
  const gone = before.filter((id) => !after.has(id) && state.conflicts.has(id));
  const fresh = [...after.values()].filter((conflict) => {
    const standing = state.conflicts.get(conflict.id);
    return !standing || !sameClash(standing, conflict);
  });
  return {
    detected: fresh.sort((a, b) => byBytes(a.id, b.id))
      .map((conflict) => ({ ...conflict, lastChangedBy: asked.ctx.userId, seq: asked.seq })),
    resolved: [...new Set(gone)].sort(byBytes),
  };
}
