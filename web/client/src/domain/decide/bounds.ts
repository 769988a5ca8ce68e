// Bounds that need no timetable. Each check names the field and the rule that was broken.

import type * as wire from '../../wire.js';
import { MAX_LENGTH, MINUTE, parseTime } from '../time.js';
import { invalid, Refusal } from './refusal.js';

const MAX_TITLE = 200;
const MAX_BATCH = 100;
const MAX_APPLY_DAYS = 366;
const [MIN_INSTANT, MAX_INSTANT] = [-62_135_596_800_000, 253_402_300_799_999];
const NOT_IN_BATCH = ['batch', 'undo', 'redo', 'restore', 'policy_set'];

/** Checks an operation as it was asked for. */
export function validate(op: wire.Operation): void {
  if (op.override) chars('override.reason', op.override.reason, 1, 500);
  validateOp(op);
}

function validateOp(op: wire.Operation): void {
  switch (op.kind) {
    case 'course_create': under('course', () => course(op.course)); break;
    case 'course_update': under('patch', () => patch(op.patch)); break;
    case 'course_move': if (op.endsAt) interval(parseTime(op.startsAt), parseTime(op.endsAt)); break;
    case 'resource_upsert': under('resource', () => resource(op.resource)); break;
    case 'template_save': under('template', () => template(op.template)); break;
    case 'template_apply': days(op.from, op.to); break;
    case 'batch': batch(op.ops); break;
    default: break;
  }
}

/** `[start, end)`, one minute to 24 hours. */
export function interval(start: number, end: number): void {
  const inside = (at: number) => at >= MIN_INSTANT && at <= MAX_INSTANT;
  if (!inside(start)) throw invalid('startsAt', 'must be in the years 1 to 9999');
  if (!inside(end)) throw invalid('endsAt', 'must be in the years 1 to 9999');
  if (end - start < MINUTE || end - start > MAX_LENGTH) {
    throw invalid('endsAt', 'must be 1 minute to 24 hours after startsAt');
  }
}

function course(given: wire.NewCourse): void {
  chars('title', given.title, 1, MAX_TITLE);
  interval(parseTime(given.startsAt), parseTime(given.endsAt));
  details(given);
}

function patch(given: wire.CoursePatch): void {
  if (Object.values(given).every((value) => value === undefined)) throw invalid('', 'must set at least one field');
  if (given.title !== undefined) chars('title', given.title, 1, MAX_TITLE);
  details(given);
}

function details(given: Pick<wire.CoursePatch, 'capacity' | 'color' | 'notes' | 'tags'>): void {
  capacity(given.capacity);
  if (given.color && !/^#[0-9a-fA-F]{6}$/.test(given.color)) throw invalid('color', 'must be #rrggbb');
  if (given.notes) chars('notes', given.notes, 0, 4000);
  const tags = given.tags ?? [];
  if (tags.length > 20) throw invalid('tags', 'must be at most 20');
  tags.forEach((tag, index) => chars(`tags[${index}]`, tag, 1, 40));
}

function resource(given: wire.NewResource): void {
  chars('name', given.name, 1, MAX_TITLE);
  capacity(given.capacity);
  if ((given.bufferMinutes ?? 0) > 240) throw invalid('bufferMinutes', 'must be 0 to 240');
}

function template(given: wire.NewTemplate): void {
  chars('name', given.name, 1, MAX_TITLE);
  if (given.slots.length > 500) throw invalid('slots', 'must be at most 500');
  given.slots.forEach((each, index) => under(`slots[${index}]`, () => slot(each)));
}

function slot(given: wire.Slot): void {
  if (given.weekday < 1 || given.weekday > 7) throw invalid('weekday', 'must be 1 (Monday) to 7 (Sunday)');
  if (given.minutes < 1 || given.minutes > 1440) throw invalid('minutes', 'must be 1 to 1440');
  chars('title', given.title, 1, MAX_TITLE);
  details(given);
}

function batch(ops: readonly wire.Operation[]): void {
  if (ops.length === 0 || ops.length > MAX_BATCH) throw invalid('ops', 'must hold 1 to 100 operations');
  ops.forEach((op, index) => {
    const at = `ops[${index}]`;
    if (NOT_IN_BATCH.includes(op.kind)) throw invalid(`${at}.kind`, 'is not allowed inside a batch');
    under(at, () => validateOp(op));
  });
}

function days(from: string, to: string): void {
  const count = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (count < 1) throw invalid('to', 'must not be before from');
  if (count > MAX_APPLY_DAYS) throw invalid('to', 'must be at most 366 days from the first, both included');
}

function capacity(people: number | null | undefined): void {
  if (people != null && (people < 1 || people > 100_000)) throw invalid('capacity', 'must be 1 to 100000');
}

/** A text of `least` to `most` characters; every character has at least one unit. */
function chars(field: string, text: string, least: number, most: number): void {
  const count = text.length <= most ? text.length : [...text].length;
  if (count >= least && count <= most) return;
  throw invalid(field, least === 0 ? `must be at most ${most} characters` : `must be ${least} to ${most} characters`);
}

/** Puts the place before the fields that `check` names. */
export function under(prefix: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof Refusal ? error.under(prefix) : error;
  }
}
