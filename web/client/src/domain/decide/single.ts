// The step of an operation on one thing, and whether a role allows it at all.

import type * as wire from '../../wire.js';
import type { Timetable } from '../timetable.js';
import { apply } from './apply.js';
import type { Case } from './case.js';
import * as course from './course.js';
import { forbidden, invalid } from './refusal.js';
import * as resource from './resource.js';
import { setPolicy } from './rules.js';
import type { Step } from './step.js';
import * as template from './template.js';

/** The step of an operation on one thing. */
export function single(state: Timetable, op: wire.Operation, asked: Case): Step {
  switch (op.kind) {
    case 'course_create': return course.create(state, op.course, asked);
    case 'course_update': return course.update(state, op, asked);
    case 'course_move': return course.relocate(state, op, asked);
    case 'course_delete': return course.remove(state, op.courseId, asked);
    case 'resource_upsert': return resource.upsert(state, op.resource, asked);
    case 'resource_delete': return resource.remove(state, op, asked);
    case 'template_save': return template.save(state, op.template, asked);
    case 'template_delete': return template.remove(state, op.templateId, asked);
    case 'template_apply': return apply(state, op, asked);
    case 'policy_set': return setPolicy(state, op.policy, asked);
    default: throw invalid('kind', 'is not allowed here');
  }
}

/** Whether the role allows such an operation at all. */
export function permit(op: wire.Operation, role: wire.RoleName): void {
  if (op.kind === 'restore' && role !== 'owner') throw forbidden('only owners may restore');
  if (op.kind === 'policy_set' && role !== 'owner') throw forbidden('only owners may set the policy');
  if (role === 'viewer') throw forbidden("viewers can't change the timetable");
}
