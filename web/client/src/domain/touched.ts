// Which entities and fields an effect sets: what an undo compares with a colleague's later changes.

import type * as wire from '../wire.js';
import { FIELDS, type Field, type Patch, fieldsSet } from './course.js';
import { patchOf } from './fold.js';
import { resourceKey } from './rule.js';

/** What an effect sets: a course's field as `course␀id␀field`, other things whole. */
export function touchedBy(effect: wire.Effect): Set<string> {
  return new Set(parts(effect));
}

function parts(effect: wire.Effect): string[] {
  switch (effect.kind) {
    case 'course_create': return fields(effect.course.id, FIELDS);
    case 'course_delete': return fields(effect.courseId, FIELDS);
    case 'course_update': return fields(effect.courseId, fieldsSet(effect.patch as Patch));
    case 'course_move': return fields(effect.courseId, fieldsSet(patchOf(effect)));
    case 'template_apply': return effect.courses.flatMap((course) => fields(course.id, FIELDS));
    case 'resource_upsert': return [`resource\u0000${resourceKey(effect.resource.kind, effect.resource.id)}`];
    case 'resource_delete': return [`resource\u0000${resourceKey(effect.resourceKind, effect.resourceId)}`];
    case 'template_save': return [`template\u0000${effect.template.id}`];
    case 'template_delete': return [`template\u0000${effect.templateId}`];
    case 'batch': return effect.ops.flatMap(parts);
    case 'policy_set': return ['policy'];
    default: return [];
  }
}

function fields(courseId: string, set: readonly Field[]): string[] {
  return set.map((field) => `course\u0000${courseId}\u0000${field}`);
}

/** The ids of courses that an operation names. */
export function coursesOf(op: wire.Operation): string[] {
  switch (op.kind) {
    case 'batch': return op.ops.flatMap(coursesOf);
    case 'course_create': return op.course.id ? [op.course.id] : [];
    case 'course_update': case 'course_move': case 'course_delete': return [op.courseId];
    default: return [];
  }
}
