// Applying a template: every class of the week, on every day asked for, in the room's time zone.

import type * as wire from '../../wire.js';
import { MAX_LISTED } from '../conflict.js';
import { formatTime, MINUTE } from '../time.js';
import type { Timetable } from '../timetable.js';
import { fromLocal } from '../zone.js';
import type { Case } from './case.js';
import { create } from './course.js';
import { invalid, notFound } from './refusal.js';
import type { Step } from './step.js';
import { checkBase } from './template.js';
import { Unit } from './unit.js';

const DAY = 86_400_000;
const MAX_COURSES = 20_000;
const MAX_APPLY_COURSES = 2_000;

/** The courses of a template for all days from the first to the last, both included. */
export function apply(state: Timetable, op: wire.TemplateApply, asked: Case): Step {
  const template = state.templates.get(op.templateId);
  if (!template) throw notFound('template', 'templateId');
  checkBase(template, asked);
  const unit = new Unit(state);
  const skipped: wire.Skipped[] = [];
  for (const course of occurrences(template, op, state, asked.ctx.timezone)) {
    const step = create(unit.scratch, course, asked);
    if (op.onConflict === 'skip' && step.forbidden.length > 0 && !asked.overriding) {
      const { title, startsAt, endsAt } = course;
      skipped.push({ title, startsAt, endsAt, conflicts: step.forbidden.slice(0, MAX_LISTED) });
      continue;
    }
    unit.add(step, asked);
    if (unit.isHopeless(asked)) break;
  }
  const { templateId, from, to } = op;
  return unit.finish((effects) => {
    const courses = effects.flatMap((effect) => (effect.kind === 'course_create' ? [effect.course] : []));
    return { kind: 'template_apply', templateId, from, to, courses, skipped };
  });
}

/** Every class of the template in the order of days, then slots. */
function occurrences(
  template: wire.Template, { from, to }: wire.TemplateApply, state: Timetable, zone: string,
): wire.NewCourse[] {
  const found: wire.NewCourse[] = [];
  for (let day = Date.parse(from); day <= Date.parse(to); day += DAY) {
    const weekday = new Date(day).getUTCDay() || 7;
    for (const slot of template.slots.filter((each) => each.weekday === weekday)) {
      found.push(occurrence(zone, day, slot));
      if (found.length > MAX_APPLY_COURSES) {
        throw invalid('to', `would make more than ${MAX_APPLY_COURSES} courses at once`);
      }
    }
  }
  if (state.courses.size + found.length > MAX_COURSES) {
    throw invalid('to', `would make more than ${MAX_COURSES} courses in the room`);
  }
  return found;
}

/** A slot's class on that day. */
function occurrence(zone: string, day: number, slot: wire.Slot): wire.NewCourse {
  const [hour = 0, minute = 0] = slot.start.split(':').map(Number);
  const start = fromLocal(zone, day + (hour * 60 + minute) * MINUTE);
  const { title, trainerId, studioId, capacity, color, tags } = slot;
  return {
    title, startsAt: formatTime(start), endsAt: formatTime(start + slot.minutes * MINUTE),
    trainerId: trainerId ?? null, studioId: studioId ?? null, capacity: capacity ?? null, color: color ?? null,
    tags: tags ?? [],
  };
}
