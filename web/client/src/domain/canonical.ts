// The exact text that the service makes of a state: for proofs that two implementations agree.

import type * as wire from '../wire.js';
import type { Timetable } from './timetable.js';

const COURSE = [
  'id', 'version', 'title', 'startsAt', 'endsAt', 'trainerId', 'studioId', 'capacity', 'color', 'notes', 'tags',
  'createdBy', 'updatedBy', 'updatedAt',
];
const RESOURCE = ['id', 'kind', 'name', 'capacity', 'overlap', 'bufferMinutes', 'version'];
const SLOT = ['weekday', 'start', 'minutes', 'title', 'trainerId', 'studioId', 'capacity', 'color', 'tags'];
const CONFLICT = ['id', 'kind', 'resourceId', 'courses', 'lastChangedBy', 'seq'];
const CONFLICT_COURSE = ['courseId', 'room', 'title', 'startsAt', 'endsAt'];

/** JSON with the service's order of fields and lists. */
export function canonical(timetable: Timetable): string {
  const { courses, resources, templates, policy, conflicts } = timetable.state();
  return JSON.stringify({
    courses: courses.map((course) => ordered(course, COURSE)),
    resources: resources.map((resource) => ordered(resource, RESOURCE)),
    templates: templates.map(template),
    policy: ordered(policy, ['staleEdits', 'defaultOverlap']),
    conflicts: conflicts.map(conflict),
  });
}

function template({ id, name, slots, version }: wire.Template): object {
  return { id, name, slots: slots.map((slot) => ordered(slot, SLOT)), version };
}

function conflict(found: wire.Conflict): object {
  return ordered({ ...found, courses: found.courses.map((course) => ordered(course, CONFLICT_COURSE)) }, CONFLICT);
}

function ordered(value: object, names: readonly string[]): object {
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}
