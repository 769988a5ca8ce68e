// Sentences for people: what clashes, and why something was refused. Pure.

import type { ServiceError, Timetable, wire } from '@kyo/collaboration-client';
import { clockText, minuteOf, toWall } from '../app/time.js';

/** From whose side a conflict is told, and in which clock. */
export interface Side {
  timetable: Timetable;
  zone: string;
  /** The course that was touched: the sentence names the other one. */
  courseId?: string | undefined;
}

/** What a refusal may speak of besides. */
export interface Context extends Side {
  nameOf(userId: string): string;
}

function clockSpan({ startsAt, endsAt }: wire.ConflictCourse, zone: string): string {
  const clock = (at: string) => clockText(minuteOf(toWall(Date.parse(at), zone)));
  return `${clock(startsAt)}–${clock(endsAt)}`;
}

/** One conflict as a sentence, from the side of `courseId`. */
export function conflictText(conflict: wire.Conflict, side: Side): string {
  const { timetable, courseId } = side;
  if (conflict.kind === 'capacity_exceeded') return tooSmall(timetable, conflict.resourceId);
  const others = conflict.courses.filter((course) => course.courseId !== courseId);
  return overlap(conflict, others[0] ?? conflict.courses[0], side);
}

function tooSmall(timetable: Timetable, studioId: string): string {
  const studio = timetable.studio(studioId);
  const holds = studio?.capacity ? ` holds ${studio.capacity} people` : ' is too small';
  return `${studio?.name ?? studioId}${holds}.`;
}

function overlap(conflict: wire.Conflict, other: wire.ConflictCourse | undefined, { timetable, zone }: Side): string {
  const trainer = conflict.kind === 'trainer_overlap';
  const resource = trainer ? timetable.trainer(conflict.resourceId) : timetable.studio(conflict.resourceId);
  const name = resource?.name ?? conflict.resourceId;
  const buffer = resource?.bufferMinutes ? ` (${resource.bufferMinutes} min between classes)` : '';
  const title = other?.title ?? (other && timetable.courses.get(other.courseId)?.title);
  const what = title ? `“${title}”` : 'a class in another timetable';
  const when = other ? ` ${clockSpan(other, zone)}` : '';
  return `${name} ${trainer ? 'already teaches' : 'is taken by'} ${what}${when}${buffer}.`;
}

/** What `details` of a refusal may hold (protocol, section 8). */
interface Details {
  conflicts?: wire.Conflict[];
  suggestions?: wire.Suggestion[];
  holder?: { userId?: string };
  userId?: string;
  overtakenBy?: { userId?: string };
}

/** The details of a refusal, whatever its code. */
export function detailsOf(error: ServiceError): Details {
  return (error.details ?? {}) as Details;
}

/** Why the service said no, as sentences. */
export function refusalText(error: ServiceError, context: Context): string {
  const { conflicts = [], holder, userId, overtakenBy } = detailsOf(error);
  if (error.code === 'conflict' && conflicts.length > 0) {
    return [...new Set(conflicts.map((conflict) => conflictText(conflict, context)))].join(' ');
  }
  if (error.code === 'locked') {
    const who = holder?.userId ?? userId;
    return `${who ? context.nameOf(who) : 'A colleague'} is moving this class right now.`;
  }
  if (overtakenBy) return overtakenBy.userId ? `${context.nameOf(overtakenBy.userId)} changed the same thing since.` : error.message;
  if (error.code === 'stale') return 'A colleague changed the same thing a moment before you.';
  if (error.code === 'rate_limited') return 'That was too fast. Wait a moment and try again.';
  return error.message || error.code;
}

const TITLES: Readonly<Record<string, string>> = {
  conflict: 'That place is taken', locked: 'In someone else’s hands', stale: 'Changed meanwhile',
  forbidden: 'Not allowed', invalid: 'That does not fit', not_found: 'No longer there',
  too_large: 'Too much at once',
};

/** Titles for refusals. */
export function refusalTitle(error: ServiceError): string {
  return TITLES[error.code] ?? 'That did not work';
}
