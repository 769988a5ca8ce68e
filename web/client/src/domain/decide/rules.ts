// Changes of the rules themselves, a resource's or the room's: what they mean for the courses that are
// already there.

import type * as wire from '../../wire.js';
import { conflictsOn } from '../clash.js';
import { conflictKeyText } from '../conflict.js';
import { byBytes } from '../order.js';
import { type Rule, byKey, defaultRule, keyOf, sameRule } from '../rule.js';
import type { Timetable } from '../timetable.js';
import type { Case } from './case.js';
import { type Step, conflictChanges, plain } from './step.js';

/** New rules by resource. */
export type NewRules = ReadonlyMap<string, Rule>;

/** New rules for the room; the default reaches every resource that is not registered. */
export function setPolicy(state: Timetable, policy: wire.Policy, asked: Case): Step {
  const rule = defaultRule(policy);
  const same = sameRule(rule, defaultRule(state.policy));
  const reached = same ? [] : [...state.bookings.keys()].filter((key) => !state.resources.has(key));
  const rules = new Map(reached.map((key) => [key, rule]));
  const { staleEdits, defaultOverlap } = policy;
  const effect = { kind: 'policy_set', policy: { staleEdits, defaultOverlap } } as const;
  return changeRules(state, rules, effect, { kind: 'policy_set', policy: state.policy }, asked);
}

/** The step that makes `effect` where it sets `rules`: courses whose overlap becomes forbidden answer for it. */
export function changeRules(
  state: Timetable, rules: NewRules, effect: wire.Effect, inverse: wire.Operation, asked: Case,
): Step {
  const keys = [...rules.keys()].sort((a, b) => byKey(keyOf(a), keyOf(b)));
  const ended = keys.flatMap((key) => endedOn(state, key, rules));
  const after = keys.flatMap((key) => conflictsOn(state, keyOf(key), rules.get(key) ?? state.rule(key)));
  const forbidden = after.filter((conflict) => isForbidden(state, rules, conflict));
  const marked = markedUsers(state, keys, asked);
  return {
    ...plain(effect, inverse),
    effects: [effect, ...marked.map((id) => marking(state, id, asked))],
    conflicts: conflictChanges(state, ended, after, asked),
    forbidden,
    bearers: forbidden.flatMap(({ id, courses }) => courses.map((course) => [id, course.courseId] as const)),
    marks: new Map(marked.map((id) => [id, true])),
  };
}

/** Two courses of which neither stands on an override, under a rule that forbids their overlap. */
function isForbidden(state: Timetable, rules: NewRules, conflict: wire.Conflict): boolean {
  return conflict.courses.length > 1 && rules.get(conflictKeyText(conflict))?.overlap === 'forbid'
    && conflict.courses.every(({ courseId }) => state.entry(courseId)?.overridden === false);
}

/** Standing conflicts that a new rule looks at again; those with other rooms only when it forbids nothing. */
function endedOn(state: Timetable, key: string, rules: NewRules): string[] {
  const forbids = rules.get(key)?.overlap === 'forbid';
  return [...state.conflicts.values()]
    .filter((conflict) => conflictKeyText(conflict) === key && !(forbids && state.isElsewhere(conflict)))
    .map((conflict) => conflict.id);
}

/** The users of the resources that need the override and do not stand on one yet, by id. */
function markedUsers(state: Timetable, keys: readonly string[], asked: Case): string[] {
  const users = new Set(keys.flatMap((key) => state.bookings.on(key).map((booking) => booking.courseId)));
  return [...asked.marks].filter((id) => users.has(id) && state.entry(id)?.overridden === false).sort(byBytes);
}

function marking(state: Timetable, courseId: string, asked: Case): wire.Effect {
  const version = asked.nextVersion(state.courses.get(courseId), (origin) => origin.courses.get(courseId));
  return { kind: 'course_update', courseId, patch: {}, version };
}
