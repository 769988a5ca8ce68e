// Templates: save and remove. Applying one is in `apply`.

import type * as wire from '../../wire.js';
import type { Timetable } from '../timetable.js';
import type { Case } from './case.js';
import { invalid, notFound } from './refusal.js';
import { type Step, plain } from './step.js';

const MAX_TEMPLATES = 500;

/** Saves a new template, or the whole of an existing one. */
export function save(state: Timetable, given: wire.NewTemplate, asked: Case): Step {
  const id = given.id ?? asked.freshId();
  const current = state.templates.get(id);
  if (current) checkBase(current, asked);
  else if (asked.baseVersion) throw notFound('template', 'template.id');
  else if (state.templates.size >= MAX_TEMPLATES) {
    throw invalid('template', `is one too many: a room holds at most ${MAX_TEMPLATES}`);
  }
  const inverse: wire.Operation = current
    ? { kind: 'template_save', template: { id, name: current.name, slots: current.slots } }
    : { kind: 'template_delete', templateId: id };
  const version = asked.nextVersion(current, (origin) => origin.templates.get(id));
  const template = { id, name: given.name, slots: given.slots.map(written), version };
  return plain({ kind: 'template_save', template }, inverse);
}

/** Removes a template; its courses stay. */
export function remove(state: Timetable, templateId: string, asked: Case): Step {
  const template = state.templates.get(templateId);
  if (!template) throw notFound('template', 'templateId');
  checkBase(template, asked);
  const { id, name, slots } = template;
  return plain({ kind: 'template_delete', templateId }, { kind: 'template_save', template: { id, name, slots } });
}

/** Refuses when the template was changed since the person's base. */
export function checkBase(template: wire.Template, asked: Case): void {
  asked.checkBase('template', template, () => true);
}

/** A slot as the service writes it: what is empty is left out, colours are lower-case. */
function written(slot: wire.Slot): wire.Slot {
  const { weekday, start, minutes, title, trainerId, studioId, capacity, color, tags } = slot;
  return {
    weekday, start, minutes, title,
    ...(trainerId && { trainerId }), ...(studioId && { studioId }), ...(capacity && { capacity }),
    ...(color && { color: color.toLowerCase() }), ...(tags?.length && { tags: [...tags] }),
  };
}
