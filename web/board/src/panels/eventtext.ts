// Sentences about committed events, for the history. Pure.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { dayOf, minuteOf, clockText, parseDate, toWall } from '../app/time.js';
import { type PlainKey, dayText, dateTextLong, t } from '../language/index.js';

/** What an event did: a sentence about `who` and `what`, and details. */
export interface EventText { readonly sentence: string; readonly what: string; readonly detail: string }

/** What sentences need to know beside the event. */
export interface EventContext {
  readonly zone: string;
  readonly timetable: Timetable;
  /** Finds the title of a course that may be gone. */
  readonly title: (courseId: string) => string;
  /** Finds the name of a template that may be gone. */
  readonly template: (templateId: string) => string;
}

/** `Tue 24 Nov, 09:00–10:00` in the room's zone. */
export function span({ startsAt, endsAt }: { startsAt: string; endsAt: string }, zone: string): string {
  const [start, end] = [toWall(Date.parse(startsAt), zone), toWall(Date.parse(endsAt), zone)];
  return `${dayText(dayOf(start))}, ${clockText(minuteOf(start))}–${clockText(minuteOf(end))}`;
}

/** Courses that an event names. */
export function coursesOf(effect: wire.Effect): string[] {
  switch (effect.kind) {
    case 'course_create': return [effect.course.id];
    case 'course_update': case 'course_move': case 'course_delete': return [effect.courseId];
    case 'template_apply': return effect.courses.map(({ id }) => id);
    case 'batch': return effect.ops.flatMap(coursesOf);
    default: return [];
  }
}

/** An event's kind and data as one value. */
export function effectOf({ kind, data }: wire.Event): wire.Effect {
  return { kind, ...data } as wire.Effect;
}

/** The words for what took effect; `who` stands where the sentence names the person. */
export function eventText(effect: wire.Effect, context: EventContext, who: string, mark: string): EventText {
  const line = (what: string, detail = '') => ({ sentence: t(`event.${effect.kind as 'course_move'}`, { who, what: mark }), what, detail });
  const { zone, timetable, title, template } = context;
  switch (effect.kind) {
    case 'course_create': return line(effect.course.title, span(effect.course, zone));
    case 'course_move': return line(title(effect.courseId), moved(effect, context));
    case 'course_update': return line(title(effect.courseId), patchText(effect.patch, timetable));
    case 'course_delete': return line(title(effect.courseId));
    case 'resource_upsert': return line(effect.resource.name);
    case 'resource_delete': return line(effect.resourceId);
    case 'template_save': return line(effect.template.name, t('template.slots', { count: effect.template.slots.length }));
    case 'template_delete': return line(template(effect.templateId));
    case 'template_apply': return line(template(effect.templateId), appliedText(effect));
    case 'policy_set': return { sentence: t('event.policy_set', { who }), what: '', detail: '' };
    case 'batch': return batchText(effect, context, who, mark);
    default: return { sentence: t('event.other', { who }), what: '', detail: '' };
  }
}

function moved(effect: wire.CourseMoved, { zone, timetable }: EventContext): string {
  const { trainerId, studioId } = effect;
  const patch = { ...(trainerId !== undefined && { trainerId }), ...(studioId !== undefined && { studioId }) };
  return [span(effect, zone), patchText(patch, timetable)].filter(Boolean).join(' · ');
}

function appliedText({ courses, skipped, from, to }: wire.TemplateApplied): string {
  const parts = [t('event.applied', { count: courses.length }), `${dateTextLong(parseDate(from) ?? 0)} – ${dateTextLong(parseDate(to) ?? 0)}`];
  if (skipped.length > 0) parts.push(t('event.skipped', { count: skipped.length }));
  return parts.join(' · ');
}

function batchText({ ops, restoredSeq }: wire.BatchApplied, context: EventContext, who: string, mark: string): EventText {
  if (typeof restoredSeq === 'number') return { sentence: t('event.restored', { who, seq: restoredSeq }), what: '', detail: '' };
  const ids = new Set(ops.flatMap(coursesOf));
  if (ids.size === 1 && ops.every(({ kind }) => kind.startsWith('course_'))) {
    const texts = ops.map((op) => eventText(op, context, who, mark));
    const first = texts[0] ?? { sentence: '', what: '', detail: '' };
    return { ...first, detail: texts.map(({ detail }) => detail).filter(Boolean).join(' · ') };
  }
  const names = [...new Set(ops.map((op) => eventText(op, context, who, mark).what).filter(Boolean))];
  const detail = names.slice(0, 3).join(' · ') + (names.length > 3 ? ' …' : '');
  return { sentence: t('event.batch', { who, count: ops.length }), what: '', detail };
}

function patchText(patch: wire.CoursePatch, timetable: Timetable): string {
  const shown = (field: string, value: unknown): string => {
    if (value === null) return t('app.none');
    if (field === 'trainerId') return timetable.trainer(String(value))?.name ?? String(value);
    if (field === 'studioId') return timetable.studio(String(value))?.name ?? String(value);
    return Array.isArray(value) ? value.join(', ') || t('app.none') : String(value);
  };
  return Object.entries(patch).map(([field, value]) => {
    const what = t(`field.${field}` as PlainKey);
    return field === 'notes' || field === 'color' ? what : t('event.by', { what, how: shown(field, value) });
  }).join(' · ');
}
