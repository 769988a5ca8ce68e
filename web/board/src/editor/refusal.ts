// What to offer when the service says no: other places, an override for owners, one's own version.

import type { Room, ServiceError, wire } from '@kyo/collaboration-client';
import { h } from '../app/dom.js';
import { t } from '../language/index.js';
import { toast } from '../panels/toasts.js';
import { type Context, detailsOf, refusalText, refusalTitle } from './reasons.js';
import type { Draft } from './values.js';
import { courseIdOf, suggestionText, withSuggestion } from './suggestion.js';

interface Action {
  label: string;
  primary?: boolean;
  /** The message stays. */
  stay?: boolean;
  run(): void;
}

/** What was refused, and what can be done about it. */
export interface Refused {
  room: Room;
  op: wire.Operation;
  error: ServiceError;
  context: Context;
  /** Brings a refused draft back into the editor. */
  reopen(course: Draft): void;
}

/** Explains a refused operation; answers what was said. */
export function explain(refused: Refused): string {
  const { room, op, error, context } = refused;
  const form = error.code === 'conflict' && room.record?.role === 'owner' ? overrideForm((reason) => {
    close();
    void room.apply({ ...op, override: { reason } });
  }) : null;
  const actions = [...remedies(refused), ...(form ? [{ label: t('no.anyway'), run: form.reveal, stay: true }] : [])];
  const [title, text] = [refusalTitle(error), refusalText(error, context)];
  const close: () => void = toast({
    title, text, tone: 'error', actions, extra: form?.element ?? null, key: `refused ${courseIdOf(op) ?? op.kind}`,
  });
  return t('said.refused', { title, text });
}

function remedies({ room, op, error, context, reopen }: Refused): Action[] {
  const actions: Action[] = [];
  const { suggestions = [], overtakenBy } = detailsOf(error);
  for (const suggestion of suggestions) {
    const better = withSuggestion(op, suggestion);
    if (!better) continue;
    const label = suggestionText(suggestion, op, context.timetable, context.zone);
    actions.push({ label, primary: true, run: () => void room.apply(better) });
  }
  if (op.kind === 'course_create' && op.course.id) {
    const course = { ...op.course, id: op.course.id };
    actions.push({ label: t('no.edit'), run: () => reopen(course) });
  }
  if (error.code === 'stale' && !overtakenBy) actions.push({ label: t('no.mine'), run: () => void room.apply(op) });
  return actions;
}

function overrideForm(submit: (reason: string) => void): { element: HTMLElement; reveal(): void } {
  const reason = h('input', {
    required: true, maxLength: 200, placeholder: t('no.reasonExample'), 'aria-label': t('no.reason'),
  });
  const element = h('form', {
    class: 'override', hidden: true,
    onsubmit: (event: Event) => {
      event.preventDefault();
      submit(reason.value.trim());
    },
  }, reason, h('button', { class: 'chip strong', type: 'submit' }, t('no.anywayNow')));
  return {
    element,
    reveal: () => {
      element.hidden = false;
      reason.focus();
    },
  };
}
