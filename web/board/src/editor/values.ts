// A course as the form has it, and back. Pure: strings in, operations out.

import type { wire } from '@kyo/collaboration-client';
import { DAY, MINUTE, clockText, dateText, dayOf, fromWall, minuteOf, parseClock, parseDate, toWall, wire as instant } from '../app/time.js';

/** What the panel shows: a course, or a draft that has no version yet. */
export type Draft = wire.NewCourse & { id: string; version?: number };

/** The form's fields. */
export const FIELDS = ['title', 'date', 'start', 'end', 'trainerId', 'studioId', 'capacity', 'color', 'notes', 'tags'] as const;
/** The name of a field. */
export type Field = (typeof FIELDS)[number];
/** What stands in the fields. */
export type Values = Record<Field, string>;

const TIMES: readonly Field[] = ['date', 'start', 'end'];

/** The form's values of a course. */
export function valuesOf(course: Draft, zone: string): Values {
  const start = toWall(Date.parse(course.startsAt), zone);
  const end = toWall(Date.parse(course.endsAt), zone);
  return {
    title: course.title, date: dateText(dayOf(start)), start: clockText(minuteOf(start)), end: clockText(minuteOf(end)),
    trainerId: course.trainerId ?? '', studioId: course.studioId ?? '',
    capacity: course.capacity ? String(course.capacity) : '', color: course.color ?? '',
    notes: course.notes ?? '', tags: (course.tags ?? []).join(', '),
  };
}

/** Times on the wire of the form's values, or null when they are not complete. */
export function timesOf(values: Values, zone: string): { startsAt: string; endsAt: string } | null {
  const day = parseDate(values.date);
  const start = parseClock(values.start);
  const end = parseClock(values.end);
  if (day === null || start === null || end === null || start === end) return null;
  const until = end > start ? end : end + 1440; // past midnight
  return {
    startsAt: instant(fromWall(day * DAY + start * MINUTE, zone)),
    endsAt: instant(fromWall(day * DAY + until * MINUTE, zone)),
  };
}

/** The course fields of these form values. */
export function fieldsOf(values: Values, names: readonly Field[]): wire.CoursePatch {
  const fields: wire.CoursePatch = {};
  for (const name of names) {
    const value = values[name].trim();
    if (name === 'title') fields.title = value;
    else if (name === 'capacity') fields.capacity = value === '' ? null : Number(value);
    else if (name === 'tags') fields.tags = value.split(',').map((tag) => tag.trim()).filter(Boolean);
    else if (name === 'trainerId' || name === 'studioId' || name === 'color' || name === 'notes') fields[name] = value === '' ? null : value;
  }
  return fields;
}

/** Which fields say something else than before. */
export function changedFields(before: Values, values: Values): Field[] {
  return FIELDS.filter((name) => values[name].trim() !== before[name].trim());
}

/** The one operation that turns a course into what the form says, or null when nothing changed. */
export function updateOp(courseId: string, before: Values, values: Values, zone: string): wire.Operation | null {
  const changed = changedFields(before, values);
  const { trainerId, studioId, ...patch } = fieldsOf(values, changed);
  const owners = { ...(trainerId !== undefined && { trainerId }), ...(studioId !== undefined && { studioId }) };
  const times = timesOf(values, zone);
  if (!times || !changed.some((name) => TIMES.includes(name))) {
    const all = { ...patch, ...owners };
    return Object.keys(all).length === 0 ? null : { kind: 'course_update', courseId, patch: all };
  }
  const move: wire.Operation = { kind: 'course_move', courseId, ...times, ...owners };
  if (Object.keys(patch).length === 0) return move;
  return { kind: 'batch', ops: [move, { kind: 'course_update', courseId, patch }] };
}

/** The operation that makes a course of the form, or null while its times are not complete. */
export function createOp(id: string, values: Values, zone: string, untitled: string): wire.Operation | null {
  const times = timesOf(values, zone);
  if (!times) return null;
  const fields = fieldsOf(values, FIELDS.filter((name) => values[name].trim() !== ''));
  return { kind: 'course_create', course: { ...fields, id, title: fields.title ?? untitled, ...times } };
}
