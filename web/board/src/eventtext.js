// Sentences about committed events, for the history. Pure.

import { spanText } from './app/time.js';

/** What an event did: `{verb, subject, detail}` for the history. `title` finds titles by course id. */
export function eventText(event, { title, zone, timetable }) {
  const { kind, data } = event;
  const line = (verb, subject, detail = '') => ({ verb, subject, detail });
  switch (kind) {
    case 'course_create':
      return line('added', data.course.title, spanText(data.course.startsAt, data.course.endsAt, zone));
    case 'course_move':
      return line('moved', title(data.courseId), spanText(data.startsAt, data.endsAt, zone));
    case 'course_update':
      return line('changed', title(data.courseId), patchText(data.patch, timetable));
    case 'course_delete': return line('removed', title(data.courseId));
    case 'resource_upsert': return line('saved', data.resource.name, `${data.resource.kind}, overlaps: ${data.resource.overlap}`);
    case 'resource_delete': return line('removed', data.resourceId);
    case 'template_save': return line('saved template', data.template.name);
    case 'template_delete': return line('removed a template', '');
    case 'template_apply':
      return line('applied a template', '', `${data.courses.length} classes, ${data.from} to ${data.to}`);
    case 'policy_set': return line('changed the rules', '');
    case 'batch': return batchText(event, line, { title, zone, timetable });
    default: return line(kind.replaceAll('_', ' '), '');
  }
}

function batchText({ data }, line, context) {
  if (data.restoredSeq !== undefined && data.restoredSeq !== null) {
    return line('restored the timetable', `as it was at step ${data.restoredSeq}`);
  }
  const ids = new Set(data.ops.map((op) => op.courseId ?? op.course?.id));
  if (ids.size === 1 && !ids.has(undefined)) {
    const texts = data.ops.map(({ kind, ...rest }) => eventText({ kind, data: rest }, context));
    return line('changed', texts[0].subject, texts.map((text) => text.detail).filter(Boolean).join(' · '));
  }
  const kinds = new Set(data.ops.map((op) => op.kind));
  const count = data.ops.length;
  if (kinds.size > 1) return line('made', `${count} changes`, 'as one step');
  const [verb, noun] = {
    course_create: ['added', 'classes'], course_delete: ['removed', 'classes'], course_move: ['moved', 'classes'],
    course_update: ['changed', 'classes'], resource_upsert: ['saved', 'trainers and studios'],
  }[[...kinds][0]] ?? ['made', 'changes'];
  return line(verb, `${count} ${noun}`, 'as one step');
}

function patchText(patch, timetable) {
  const name = (found, id) => (id === null ? 'none' : found?.name ?? id);
  return Object.entries(patch).map(([field, value]) => {
    if (field === 'trainerId') return `trainer: ${name(timetable.trainer(value), value)}`;
    if (field === 'studioId') return `studio: ${name(timetable.studio(value), value)}`;
    if (field === 'notes') return 'notes';
    if (field === 'color') return 'colour';
    return `${field}: ${value === null ? 'none' : value}`;
  }).join(' · ');
}
