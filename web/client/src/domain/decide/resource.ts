// Trainers and studios: register, change, remove.

import type * as wire from '../../wire.js';
import { defaultRule, resourceKey, ruleOf, sameRule } from '../rule.js';
import type { Timetable } from '../timetable.js';
import type { Case } from './case.js';
import { invalid, notFound } from './refusal.js';
import { type NewRules, changeRules } from './rules.js';
import type { Step } from './step.js';

/** Registers a resource or sets all its fields. */
export function upsert(state: Timetable, given: wire.NewResource, asked: Case): Step {
  const key = resourceKey(given.kind, given.id);
  refuseOtherKind(state, given);
  const current = state.resources.get(key);
  if (current) checkBase(current, asked);
  else if (asked.baseVersion) throw notFound('resource', 'resource.id');
  const { id, kind, name, overlap } = given;
  const resource: wire.Resource = {
    id, kind, name, capacity: given.capacity ?? null, overlap, bufferMinutes: given.bufferMinutes ?? 0,
    version: asked.nextVersion(current, (origin) => origin.resources.get(key)),
  };
  const inverse: wire.Operation = current
    ? { kind: 'resource_upsert', resource: newResource(current) }
    : { kind: 'resource_delete', resourceId: id, resourceKind: kind };
  const rule = ruleOf(resource);
  const rules: NewRules = new Map(sameRule(state.rule(key), rule) ? [] : [[key, rule]]);
  return changeRules(state, rules, { kind: 'resource_upsert', resource }, inverse, asked);
}

/** Removes a resource that no course uses. The kind may be left out: an id is registered once. */
export function remove(state: Timetable, { resourceId, resourceKind }: wire.ResourceDelete, asked: Case): Step {
  const kind = resourceKind ?? (state.trainer(resourceId) ? 'trainer' : 'studio');
  const key = resourceKey(kind, resourceId);
  const resource = state.resources.get(key);
  if (!resource) throw notFound('resource', 'resourceId');
  checkBase(resource, asked);
  const [user] = state.bookings.on(key);
  if (user && !asked.restoring) {
    const title = state.courses.get(user.courseId)?.title ?? '';
    throw invalid('resourceId', `is used by course ${user.courseId} (${title})`);
  }
  const effect = { kind: 'resource_delete', resourceId, resourceKind: kind } as const;
  const inverse = { kind: 'resource_upsert', resource: newResource(resource) } as const;
  return changeRules(state, new Map([[key, defaultRule(state.policy)]]), effect, inverse, asked);
}

function newResource({ version, ...fields }: wire.Resource): wire.NewResource {
  return fields;
}

function refuseOtherKind(state: Timetable, { id, kind }: wire.NewResource): void {
  const other = kind === 'trainer' ? 'studio' : 'trainer';
  if (state.resources.has(resourceKey(other, id))) {
    throw invalid('resource.id', `names a ${other} that is already registered`);
  }
}

function checkBase(resource: wire.Resource, asked: Case): void {
  asked.checkBase('resource', resource, () => true);
}
