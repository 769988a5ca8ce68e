// What the grid shows: which columns there are, and in which of them a course belongs. Pure.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { mondayOf } from '../app/time.js';
import type { Part } from './layout.js';

/** Seven days, or one day with a column for each studio or trainer. */
export type Lens = 'week' | 'studio' | 'trainer';

/** What somebody wants to see. */
export interface View {
  lens: Lens;
  /** Day number; any day of the week for `week`. */
  day: number;
  /** `trainer:<id>` or `studio:<id>`: nothing else is shown; empty for everything. */
  only: string;
}

/** A trainer or studio, or nobody. */
export interface Owner {
  kind: wire.ResourceKindName;
  id: string | null;
}

/** One column of the grid. */
export interface Column {
  key: string;
  day: number;
  /** In a day view: whose column it is. */
  owner: Owner | null;
  name: string;
  capacity: number | null;
}

/** The columns of a view, left to right. `narrow` screens show one day of the week at a time. */
export function columnsOf(view: View, timetable: Timetable, day: readonly wire.Course[], narrow: boolean): Column[] {
  if (view.lens === 'week') return daysOf(view, narrow).map((each) => ({ key: `${each}`, day: each, owner: null, name: '', capacity: null }));
  return ownersOf(view.lens, view.only, timetable, day).map(({ owner, name, capacity }) => ({
    key: `${view.day} ${owner.id ?? ''}`, day: view.day, owner, name, capacity,
  }));
}

/** The days that a view covers. */
export function daysOf(view: View, narrow: boolean): number[] {
  if (narrow || view.lens !== 'week') return [view.day];
  const monday = mondayOf(view.day);
  return [0, 1, 2, 3, 4, 5, 6].map((index) => monday + index);
}

/** Registered ones by name, then ids that only courses know, then nobody where there are such courses. */
function ownersOf(kind: wire.ResourceKindName, only: string, timetable: Timetable, day: readonly wire.Course[]) {
  const known = timetable.resourcesOf(kind);
  const owners = known.map(({ id, name, capacity }) => ({ owner: { kind, id: id as string | null }, name, capacity: capacity ?? null }));
  const used = new Set(day.map((course) => ownerOf(course, kind).id));
  for (const id of used) {
    if (id !== null && !known.some((each) => each.id === id)) owners.push({ owner: { kind, id }, name: id, capacity: null });
  }
  if (used.has(null) || owners.length === 0) owners.push({ owner: { kind, id: null }, name: '', capacity: null });
  const wanted = onlyOf(only);
  return wanted?.kind === kind ? owners.filter(({ owner }) => owner.id === wanted.id) : owners;
}

/** The trainer or studio of a course. */
export function ownerOf(course: wire.Course, kind: wire.ResourceKindName): Owner {
  return { kind, id: (kind === 'trainer' ? course.trainerId : course.studioId) ?? null };
}

/** The one trainer or studio that is shown, or null for everything. */
export function onlyOf(only: string): Owner | null {
  const [, kind, id] = /^(trainer|studio):(.+)$/s.exec(only) ?? [];
  return id && (kind === 'trainer' || kind === 'studio') ? { kind, id } : null;
}

/** Whether a course is shown at all. */
export function shows(view: View, course: wire.Course): boolean {
  const wanted = onlyOf(view.only);
  return !wanted || ownerOf(course, wanted.kind).id === wanted.id;
}

/** In which column a part of a course belongs; -1 for none. */
export function columnOf(columns: readonly Column[], part: Part): number {
  return columns.findIndex(({ day, owner }) =>
    day === part.day && (!owner || ownerOf(part.course, owner.kind).id === owner.id));
}

/** The view one page further or back. */
export function turned(view: View, direction: -1 | 1, narrow: boolean): View {
  const days = view.lens === 'week' && !narrow ? 7 : 1;
  return { ...view, day: view.day + direction * days };
}
