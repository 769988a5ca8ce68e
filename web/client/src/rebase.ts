// What an operation that waits is based on: the version that the person saw, carried along past events
// that leave the person's edit as good as it was.

import { effectOf } from './domain/fold.js';
import type { Timetable } from './domain/timetable.js';
import { touchedBy } from './domain/touched.js';
import type { Entry, Pending, Queue } from './queue.js';
import type * as wire from './wire.js';

/** The version of the one thing that an operation changes, if it is there. */
export function versionOf(timetable: Timetable, op: wire.Operation): number | undefined {
  switch (op.kind) {
    case 'course_update': case 'course_move': case 'course_delete':
      return timetable.courses.get(op.courseId)?.version;
    case 'resource_upsert': return (timetable.trainer(op.resource.id) ?? timetable.studio(op.resource.id))?.version;
    case 'resource_delete': return (timetable.trainer(op.resourceId) ?? timetable.studio(op.resourceId))?.version;
    case 'template_save': return op.template.id ? timetable.templates.get(op.template.id)?.version : undefined;
    case 'template_delete': case 'template_apply': return timetable.templates.get(op.templateId)?.version;
    default: return undefined;
  }
}

/** What an event did to the thing that an operation changes. */
export interface Moved {
  readonly event: wire.Event;
  /** Whether the event is an operation of this client. */
  readonly own: boolean;
  /** Whether the room refuses every older base. */
  readonly strict: boolean;
  readonly was: number | undefined;
  readonly is: number | undefined;
}

/**
 * The base of an operation after an event: an event of our own, and one that touches nothing that the
 * operation sets, leave the person's edit as good as it was. Any other makes it stale.
 */
export function rebased({ op, baseVersion }: Pending, { event, own, strict, was, is }: Moved): number | undefined {
  if (baseVersion === undefined || was === undefined || is === undefined) return baseVersion;
  if (is === was || baseVersion < was) return baseVersion;
  if (own) return is;
  const parts = partsOf(op);
  if (strict || parts.length === 0) return baseVersion;
  const touched = touchedBy(effectOf(event));
  return parts.some((part) => touched.has(part)) ? baseVersion : is;
}

/** The fields that are merged one by one; other operations replace the whole. */
function partsOf(op: wire.Operation): string[] {
  switch (op.kind) {
    case 'course_update': return [...touchedBy({ ...op, version: 0 })];
    case 'course_move': return [...touchedBy({ ...op, endsAt: op.endsAt ?? op.startsAt, version: 0 })];
    default: return [];
  }
}

/** Looks at what waits before an event is folded; the answer carries the bases along when it is. */
export function carrying(queue: Queue, before: Timetable): (event: wire.Event, own: Entry | undefined, after: Timetable) => void {
  const strict = before.policy.staleEdits === 'strict';
  const were = queue.entries.map((entry) => ({ entry, was: versionOf(before, entry.op) }));
  return (event, own, after) => {
    for (const { entry, was } of were) {
      if (entry === own) continue;
      carry(queue, entry, { event, own: own !== undefined, strict, was, is: versionOf(after, entry.op) });
    }
  };
}

/** The same for an own event that came to us within a snapshot: its versions are all that is known. */
export function carryPast(queue: Queue, own: Entry, event: wire.Event): void {
  if (!('courseId' in event.data) || !('version' in event.data)) return;
  const { courseId, version } = event.data;
  for (const entry of queue.entries) {
    if (entry === own || !('courseId' in entry.op) || entry.op.courseId !== courseId) continue;
    carry(queue, entry, { event, own: true, strict: false, was: version - 1, is: version });
  }
}

function carry(queue: Queue, entry: Entry, moved: Moved): void {
  const base = rebased(entry, moved);
  if (base === entry.baseVersion) return;
  entry.baseVersion = base;
  queue.save(entry);
}
