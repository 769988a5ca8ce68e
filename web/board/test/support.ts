// Courses and timetables for tests of the board's pure modules.

import { Timetable, type wire } from '@kyo/collaboration-client';

/** A course of an hour on Monday 5 January 2026, 08:00 UTC. */
export function course(id: string, more: Partial<wire.Course> = {}): wire.Course {
  return {
    id, version: 1, title: 'Spin', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z',
    trainerId: null, studioId: null, capacity: null, color: null, notes: null, tags: [],
    createdBy: 'u', updatedBy: 'u', updatedAt: '2026-01-01T00:00:00Z', ...more,
  };
}

/** A registered trainer or studio. */
export function resource(kind: wire.ResourceKindName, id: string, more: Partial<wire.Resource> = {}): wire.Resource {
  return { id, kind, name: id, overlap: 'forbid', bufferMinutes: 0, capacity: null, version: 1, ...more };
}

/** A timetable with these in it. */
export function timetable(courses: wire.Course[] = [], resources: wire.Resource[] = []): Timetable {
  const state = { courses, resources, templates: [], conflicts: [], policy: { staleEdits: 'merge', defaultOverlap: 'forbid' } } as const;
  return Timetable.of('room', { epoch: 1, seq: 1, state: { ...state, templates: [], conflicts: [] } });
}
