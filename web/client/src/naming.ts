// Ids for what an operation makes without one. Given here, before it is shown or sent: then what is seen
// at once has the same id for good, and a repeat makes nothing twice.

import type * as wire from './wire.js';

/** The operation with ids for all that it makes. */
export function named(op: wire.Operation, id: () => string = () => crypto.randomUUID()): wire.Operation {
  switch (op.kind) {
    case 'course_create': return op.course.id ? op : { ...op, course: { ...op.course, id: id() } };
    case 'template_save': return op.template.id ? op : { ...op, template: { ...op.template, id: id() } };
    case 'batch': return { ...op, ops: op.ops.map((part) => named(part, id)) };
    default: return op;
  }
}
