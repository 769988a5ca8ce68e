// Several steps as one: each sees what the ones before it did, overlaps are judged by the state after
// the last. So a batch may swap two courses, and what it leaves behind obeys the rules.

import type * as wire from '../../wire.js';
import { MAX_CONFLICTS, MAX_LISTED, conflictKeyText, sameClash } from '../conflict.js';
import { applyConflicts, applyEffect } from '../fold.js';
import { byBytes } from '../order.js';
import type { Timetable } from '../timetable.js';
import { type Case, tooManyConflicts } from './case.js';
import type { Step } from './step.js';

/** Steps in progress on a scratch state. */
export class Unit {
  /** The state after the steps so far. */
  readonly scratch: Timetable;
  #effects: wire.Effect[] = [];
  #inverses: wire.Operation[][] = [];
  #changed = new Set<string>();
  #forbidden = new Set<string>();
  #bearers: Step['bearers'] = [];
  #marks = new Map<string, boolean>();

  constructor(private readonly before: Timetable) {
    this.scratch = before.copy();
  }

  /** Adds a step that was decided on the scratch state. */
  add(step: Step, asked: Case): void {
    for (const effect of step.effects) applyEffect(this.scratch, effect, asked.author, step.marks);
    applyConflicts(this.scratch, step.conflicts);
    const { detected, resolved } = step.conflicts;
    if (this.scratch.conflicts.size > MAX_CONFLICTS && detected.length > 0) throw tooManyConflicts();
    for (const id of [...detected.map((conflict) => conflict.id), ...resolved]) this.#changed.add(id);
    for (const conflict of step.forbidden) this.#forbidden.add(conflict.id);
    this.#bearers.push(...step.bearers);
    this.#effects.push(...step.effects);
    this.#inverses.push(step.inverse);
    for (const [id, overridden] of step.marks) this.#marks.set(id, overridden);
  }

  /** Whether a refusal could not list more than what was found so far. */
  isHopeless(asked: Case): boolean {
    return this.#forbidden.size >= MAX_LISTED && !asked.overriding;
  }

  /** All steps as one. */
  finish(effect: (effects: wire.Effect[]) => wire.Effect): Step {
    const forbidden = this.#stillForbidden();
    const stands = new Set(forbidden.map((conflict) => conflict.id));
    return {
      effects: [effect(this.#effects)],
      inverse: this.#inverses.reverse().flat(),
      conflicts: this.#conflicts(),
      forbidden,
      bearers: this.#bearers.filter(([id]) => stands.has(id)),
      marks: this.#marks,
    };
  }

  #conflicts(): wire.ConflictChanges {
    const net: wire.ConflictChanges = { detected: [], resolved: [] };
    for (const id of [...this.#changed].sort(byBytes)) {
      const [old, now] = [this.before.conflicts.get(id), this.scratch.conflicts.get(id)];
      if (now && !(old && sameClash(old, now))) net.detected.push(now);
      else if (old && !now) net.resolved.push(id);
    }
    return net;
  }

  #stillForbidden(): wire.Conflict[] {
    return [...this.#forbidden].sort(byBytes).flatMap((id) => {
      const conflict = this.scratch.conflicts.get(id);
      return conflict && this.scratch.rule(conflictKeyText(conflict)).overlap === 'forbid' ? [conflict] : [];
    });
  }
}
