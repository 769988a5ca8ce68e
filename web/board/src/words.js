// Sentences for people: why something was refused, what somebody did. Pure.

import { clockText, minuteOf, spanText, toWall } from './time.js';

function clockSpan({ startsAt, endsAt }, zone) {
  const clock = (at) => clockText(minuteOf(toWall(Date.parse(at), zone)));
  return `${clock(startsAt)}–${clock(endsAt)}`;
}

/** One conflict as a sentence, from the side of `courseId`. */
export function conflictText(conflict, { timetable, zone, courseId }) {
  const others = conflict.courses.filter((course) => course.courseId !== courseId);
  const other = others[0] ?? conflict.courses[0];
  if (conflict.kind === 'capacity_exceeded') {
    const studio = timetable.studio(conflict.resourceId);
    const holds = studio?.capacity ? ` holds ${studio.capacity} people` : ' is too small';
    return `${studio?.name ?? conflict.resourceId}${holds}.`;
  }
  const kind = conflict.kind === 'trainer_overlap' ? 'trainer' : 'studio';
  const resource = kind === 'trainer'
    ? timetable.trainer(conflict.resourceId) : timetable.studio(conflict.resourceId);
  const name = resource?.name ?? conflict.resourceId;
  const buffer = resource?.bufferMinutes ? ` (${resource.bufferMinutes} min between classes)` : '';
  const title = other?.title ?? timetable.courses.get(other?.courseId)?.title;
  const what = title ? `“${title}”` : 'a class in another timetable';
  const when = other ? ` ${clockSpan(other, zone)}` : '';
  return kind === 'trainer'
    ? `${name} already teaches ${what}${when}${buffer}.`
    : `${name} is taken by ${what}${when}${buffer}.`;
}

/** Why the server said no, as sentences. */
export function refusalText(error, context) {
  const conflicts = error.details?.conflicts ?? [];
  if (error.code === 'conflict' && conflicts.length > 0) {
    return [...new Set(conflicts.map((conflict) => conflictText(conflict, context)))].join(' ');
  }
  if (error.code === 'locked') {
    const holder = error.details?.holder?.userId ?? error.details?.userId;
    return `${holder ? context.nameOf(holder) : 'A colleague'} is moving this class right now.`;
  }
  if (error.details?.overtakenBy) {
    const { userId } = error.details.overtakenBy;
    return userId ? `${context.nameOf(userId)} changed the same thing since.` : error.message;
  }
  if (error.code === 'stale') return 'A colleague changed the same thing a moment before you.';
  if (error.code === 'rate_limited') return 'That was too fast. Wait a moment and try again.';
  return error.message || error.code;
}

/** Titles for refusals. */
export function refusalTitle(error) {
  const titles = {
    conflict: 'That place is taken', locked: 'In someone else’s hands', stale: 'Changed meanwhile',
    forbidden: 'Not allowed', invalid: 'That does not fit', not_found: 'No longer there',
    too_large: 'Too much at once',
  };
  return titles[error.code] ?? 'That did not work';
}

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

/** Initials of a name: of the first and the last word. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return '?';
  const first = (word) => [...word][0];
  const letters = words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
  return letters.toLocaleUpperCase();
}
