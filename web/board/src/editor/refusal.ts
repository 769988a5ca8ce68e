// @ts-nocheck: replaced in the next steps
// What to offer when the service says no: other places, an override for owners, one's own version.

import { h } from '../app/dom.js';
import { spanText } from '../app/time.js';
import { toast } from '../panels/toasts.js';
import { refusalText, refusalTitle } from './reasons.js';

/** The operation at a suggested place, or null where a suggestion cannot be applied. */
export function withSuggestion(op, suggestion) {
  const { startsAt, endsAt } = suggestion;
  const place = { startsAt, endsAt };
  if (suggestion.trainerId !== undefined) place.trainerId = suggestion.trainerId;
  if (suggestion.studioId !== undefined) place.studioId = suggestion.studioId;
  switch (op.kind) {
    case 'course_create': return { ...op, course: { ...op.course, ...place } };
    case 'course_move': return { ...op, ...place };
    case 'course_update': {
      const { trainerId, studioId, ...rest } = op.patch;
      const move = {
        kind: 'course_move', courseId: op.courseId,
        ...(trainerId !== undefined && { trainerId }), ...(studioId !== undefined && { studioId }),
        ...place,
      };
      return Object.keys(rest).length === 0
        ? move : { kind: 'batch', ops: [move, { ...op, patch: rest }] };
    }
    case 'batch': {
      const ids = new Set(op.ops.map((inner) => inner.courseId));
      const at = op.ops.findIndex((inner) => inner.kind === 'course_move');
      if (ids.size !== 1 || at < 0) return null;
      return { ...op, ops: op.ops.with(at, withSuggestion(op.ops[at], suggestion)) };
    }
    default: return null;
  }
}

/** The trainer and studio that an operation would leave a course with. */
function asked(op, timetable) {
  const inner = op.kind === 'batch' ? op.ops.find((each) => each.kind === 'course_move') ?? {} : op;
  return { ...timetable.courses.get(inner.courseId), ...inner.course, ...inner.patch, ...inner };
}

/** A suggestion in words, naming a trainer or studio only where it differs from what was asked. */
export function suggestionText(suggestion, op, { timetable, zone }) {
  const wish = asked(op, timetable);
  const parts = [spanText(suggestion.startsAt, suggestion.endsAt, zone)];
  const { trainerId, studioId } = suggestion;
  if (trainerId && trainerId !== wish.trainerId) parts.push(timetable.trainer(trainerId)?.name ?? trainerId);
  if (studioId && studioId !== wish.studioId) parts.push(timetable.studio(studioId)?.name ?? studioId);
  return parts.join(' · ');
}

function overrideForm(submit) {
  const reason = h('input', {
    required: true, maxLength: 200, placeholder: 'Reason, kept in the history', 'aria-label': 'Reason for booking anyway',
  });
  const form = h('form', {
    class: 'override', hidden: true, onsubmit: (event) => {
      event.preventDefault();
      submit(reason.value.trim());
    },
  }, reason, h('button', { class: 'chip strong', type: 'submit' }, 'Book anyway'));
  form.reveal = () => {
    form.hidden = false;
    reason.focus();
  };
  return form;
}

/** Explains a refused operation. `reopen` brings a refused draft back into the editor. */
export function explain({ room, op, error, people, reopen }) {
  const context = {
    timetable: room.timetable, zone: room.record?.timezone ?? 'UTC', nameOf: (id) => people.nameOf(id),
    courseId: op.courseId ?? op.course?.id,
  };
  const actions = [];
  for (const suggestion of error.details?.suggestions ?? []) {
    const better = withSuggestion(op, suggestion);
    if (better) {
      actions.push({ label: suggestionText(suggestion, op, context), run: () => room.apply(better), primary: true });
    }
  }
  if (op.kind === 'course_create' && reopen) actions.push({ label: 'Edit', run: () => reopen(op.course) });
  if (error.code === 'stale' && !error.details?.overtakenBy) actions.push({ label: 'Use mine', run: () => room.apply(op) });
  let extra = null;
  if (error.code === 'conflict' && room.record?.role === 'owner') {
    extra = overrideForm((reason) => {
      close();
      room.apply({ ...op, override: { reason } });
    });
    actions.push({ label: 'Book anyway…', run: extra.reveal, stay: true });
  }
  const close = toast({
    title: refusalTitle(error), text: refusalText(error, context), tone: 'error', actions, extra,
    key: `refused ${context.courseId ?? op.kind}`,
  });
}
