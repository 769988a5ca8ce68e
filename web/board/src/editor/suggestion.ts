// Places that were suggested instead of a taken one: in words, and put into the operation. Pure.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { spanText } from '../app/time.js';

/** The operation at a suggested place, or null where a suggestion cannot be applied. */
export function withSuggestion(op: wire.Operation, suggestion: wire.Suggestion): wire.Operation | null {
  const { startsAt, endsAt, trainerId, studioId } = suggestion;
  const place = { startsAt, endsAt, ...(trainerId !== undefined && { trainerId }), ...(studioId !== undefined && { studioId }) };
  switch (op.kind) {
    case 'course_create': return { ...op, course: { ...op.course, ...place } };
    case 'course_move': return { ...op, ...place };
    case 'course_update': return movedUpdate(op, place);
    case 'batch': return movedBatch(op, suggestion);
    default: return null;
  }
}

function movedUpdate(op: Extract<wire.Operation, { kind: 'course_update' }>, place: wire.Suggestion): wire.Operation {
  const { trainerId, studioId, ...patch } = op.patch;
  const move: wire.Operation = {
    kind: 'course_move', courseId: op.courseId,
    ...(trainerId !== undefined && { trainerId }), ...(studioId !== undefined && { studioId }), ...place,
  };
  return Object.keys(patch).length === 0 ? move : { kind: 'batch', ops: [move, { ...op, patch }] };
}

/** A batch about one course, of which the move is what takes the place. */
function movedBatch(op: Extract<wire.Operation, { kind: 'batch' }>, suggestion: wire.Suggestion): wire.Operation | null {
  const ids = new Set(op.ops.map(courseIdOf));
  const at = op.ops.findIndex(({ kind }) => kind === 'course_move');
  const move = op.ops[at];
  const better = move && ids.size === 1 ? withSuggestion(move, suggestion) : null;
  return better && { ...op, ops: op.ops.map((each, index) => (index === at ? better : each)) };
}

/** The course that an operation is about, if it is about one. */
export function courseIdOf(op: wire.Operation): string | undefined {
  switch (op.kind) {
    case 'course_create': return op.course.id ?? undefined;
    case 'course_update': case 'course_move': case 'course_delete': return op.courseId;
    case 'batch': return op.ops[0] && courseIdOf(op.ops[0]);
    default: return undefined;
  }
}

type Owners = { trainerId?: string | null | undefined; studioId?: string | null | undefined };

/** The trainer and studio that an operation would leave a course with. */
function asked(op: wire.Operation, timetable: Timetable): Owners {
  if (op.kind === 'course_create') return op.course;
  const inner = op.kind === 'batch' ? op.ops.find(({ kind }) => kind === 'course_move') : op;
  if (inner?.kind !== 'course_move' && inner?.kind !== 'course_update') return {};
  const wish: Owners = inner.kind === 'course_update' ? inner.patch : inner;
  const now = timetable.courses.get(inner.courseId);
  return {
    trainerId: wish.trainerId !== undefined ? wish.trainerId : now?.trainerId,
    studioId: wish.studioId !== undefined ? wish.studioId : now?.studioId,
  };
}

/** A suggestion in words, naming a trainer or studio only where it differs from what was asked. */
export function suggestionText(suggestion: wire.Suggestion, op: wire.Operation, timetable: Timetable, zone: string): string {
  const wish = asked(op, timetable);
  const parts = [spanText(suggestion.startsAt, suggestion.endsAt, zone)];
  const { trainerId, studioId } = suggestion;
  if (trainerId && trainerId !== wish.trainerId) parts.push(timetable.trainer(trainerId)?.name ?? trainerId);
  if (studioId && studioId !== wish.studioId) parts.push(timetable.studio(studioId)?.name ?? studioId);
  return parts.join(' · ');
}
