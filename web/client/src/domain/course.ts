// What people may set on a course, as plain values, and back to the wire.

import type * as wire from '../wire.js';
import { formatTime, parseTime } from './time.js';

/** Fields whose last change is remembered, for field-level merge. `during` is the time. */
export const FIELDS = ['title', 'during', 'trainerId', 'studioId', 'capacity', 'color', 'notes', 'tags'] as const;
export type Field = (typeof FIELDS)[number];

/** What people set. */
export interface Fields {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly trainerId: string | null;
  readonly studioId: string | null;
  readonly capacity: number | null;
  readonly color: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
}

/** Which version set each field last. */
export type Versions = Readonly<Record<Field, number>>;

/** A course with what the wire does not say of it. */
export interface Entry {
  readonly course: wire.Course;
  readonly fields: Fields;
  readonly versions: Versions;
  /** Its place stands on an owner's override. */
  readonly overridden: boolean;
}

/** The fields of a course, committed or to be made. */
export function fieldsOf(course: wire.Course | wire.NewCourse): Fields {
  return {
    title: course.title,
    start: parseTime(course.startsAt),
    end: parseTime(course.endsAt),
    trainerId: course.trainerId ?? null,
    studioId: course.studioId ?? null,
    capacity: course.capacity ?? null,
    color: course.color?.toLowerCase() ?? null,
    notes: course.notes ?? null,
    tags: course.tags ?? [],
  };
}

/** A course on the wire. */
export function courseOf(
  fields: Fields, kept: Pick<wire.Course, 'id' | 'version' | 'createdBy' | 'updatedBy' | 'updatedAt'>,
): wire.Course {
  return {
    id: kept.id,
    version: kept.version,
    title: fields.title,
    startsAt: formatTime(fields.start),
    endsAt: formatTime(fields.end),
    trainerId: fields.trainerId,
    studioId: fields.studioId,
    capacity: fields.capacity,
    color: fields.color,
    notes: fields.notes,
    tags: [...fields.tags],
    createdBy: kept.createdBy,
    updatedBy: kept.updatedBy,
    updatedAt: kept.updatedAt,
  };
}

/** A patch with its time, if it sets one. */
export type Patch = Readonly<Omit<wire.CoursePatch, 'title'> & { title?: string; start?: number; end?: number }>;

/** The fields with a patch applied. */
export function patched(fields: Fields, patch: Patch): Fields {
  return {
    title: patch.title ?? fields.title,
    start: patch.start ?? fields.start,
    end: patch.end ?? fields.end,
    trainerId: patch.trainerId === undefined ? fields.trainerId : patch.trainerId,
    studioId: patch.studioId === undefined ? fields.studioId : patch.studioId,
    capacity: patch.capacity === undefined ? fields.capacity : patch.capacity,
    color: patch.color === undefined ? fields.color : patch.color?.toLowerCase() ?? null,
    notes: patch.notes === undefined ? fields.notes : patch.notes,
    tags: patch.tags === undefined ? fields.tags : patch.tags ?? [],
  };
}

/** The fields that a patch sets. */
export function fieldsSet(patch: Patch): Field[] {
  return FIELDS.filter((field) => (field === 'during' ? patch.start : patch[field]) !== undefined);
}

/** The patch that sets the same fields to what they are. */
export function asOn(patch: wire.CoursePatch, fields: Fields): wire.CoursePatch {
  const names = fieldsSet(patch).filter((field) => field !== 'during');
  const values = names.map((name) => [name, name === 'tags' ? [...fields.tags] : fields[name]]);
  return Object.fromEntries(values) as wire.CoursePatch;
}

/** Every field set by one version. */
export function allSetBy(version: number): Versions {
  return Object.fromEntries(FIELDS.map((field) => [field, version])) as Versions;
}

/** Whether time, trainer and studio are the same. */
export function samePlace(one: Fields, other: Fields): boolean {
  return one.start === other.start && one.end === other.end
    && one.trainerId === other.trainerId && one.studioId === other.studioId;
}
