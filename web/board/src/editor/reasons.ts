// Sentences for people: what clashes, and why something was refused. Pure.

import type { ServiceError, Timetable, wire } from '@kyo/collaboration-client';
import { clockText, minuteOf, toWall } from '../app/time.js';
import { type PlainKey, t } from '../language/index.js';

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
  const name = studio?.name ?? studioId;
  return studio?.capacity ? t('why.tooSmall', { studio: name, count: studio.capacity }) : t('why.small', { studio: name });
}

function overlap(conflict: wire.Conflict, other: wire.ConflictCourse | undefined, { timetable, zone }: Side): string {
  const trainer = conflict.kind === 'trainer_overlap';
  const resource = trainer ? timetable.trainer(conflict.resourceId) : timetable.studio(conflict.resourceId);
  const minutes = resource?.bufferMinutes ?? 0;
  const title = other?.title ?? (other && timetable.courses.get(other.courseId)?.title);
  return t(trainer ? 'why.teaches' : 'why.taken', {
    name: resource?.name ?? conflict.resourceId,
    what: title ? t('why.quoted', { title }) : t('why.elsewhere'),
    when: other ? ` ${clockSpan(other, zone)}` : '',
    buffer: minutes ? t('why.buffer', { minutes }) : '',
  });
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
    return t('why.locked', { name: who ? context.nameOf(who) : t('why.colleague') });
  }
  if (overtakenBy) return overtakenBy.userId ? t('why.overtaken', { name: context.nameOf(overtakenBy.userId) }) : error.message;
  if (error.code === 'stale') return t('why.stale');
  if (error.code === 'rate_limited') return t('why.fast');
  return error.message || error.code;
}

const TITLED = ['conflict', 'locked', 'stale', 'forbidden', 'invalid', 'not_found', 'too_large'];

/** Titles for refusals. */
export function refusalTitle(error: ServiceError): string {
  return t(TITLED.includes(error.code) ? (`no.${error.code}` as PlainKey) : 'no.other');
}
