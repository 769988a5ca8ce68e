// The question as all rules see it: who asks, on which state the event begins, and what is waived.

import type * as wire from '../../wire.js';
import { MAX_CONFLICTS } from '../conflict.js';
import { type Entry, type Fields, samePlace } from '../course.js';
import type { Author } from '../fold.js';
import type { Past } from '../past.js';
import type { Timetable } from '../timetable.js';
import { invalid, Refusal } from './refusal.js';

/** What is asked. */
export interface Command {
  readonly opId: string;
  readonly op: wire.Operation;
  /** Version of the touched entity as the person saw it. */
  readonly baseVersion?: number | undefined;
}

/** Everything besides the timetable that a decision depends on. */
export interface Context {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: wire.RoleName;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** IANA name: the zone in which templates are read. */
  readonly timezone: string;
  /** The `n`th id for what comes without one. */
  readonly freshId: (n: number) => string;
  /** The lock that somebody else holds on a course. */
  readonly lockAgainst: (courseId: string) => wire.HeldLock | null;
  /** The newest events: undo and redo look here. */
  readonly past: Past;
}

/** What has a version: a course, a resource, a template. */
interface Versioned { readonly version: number }

/** One decision in progress. */
export class Case {
  /** None inside a unit of several steps. */
  baseVersion: number | undefined;
  /** Whether an owner commits over `forbid`. */
  readonly overriding: boolean;
  #idsUsed = 0;

  constructor(
    readonly origin: Timetable, command: Command, readonly ctx: Context, readonly author: Author,
    /** Courses that need the override: somebody is in their way when the event is over. */
    readonly marks: ReadonlySet<string> = new Set(),
    /** Whether the event is a restore, which may lead back to what would be refused today. */
    readonly restoring = false,
  ) {
    this.baseVersion = command.baseVersion;
    this.overriding = command.op.override !== undefined && command.op.override !== null;
  }

  /** The sequence number that the event will have. */
  get seq(): number {
    return this.origin.seq + 1;
  }

  /** An id for what came without one. */
  freshId(): string {
    this.#idsUsed += 1;
    return this.ctx.freshId(this.#idsUsed - 1);
  }

  /**
   * The version of an entity after this event: one more than before it, however many steps of the
   * event touch it, and 1 for one that the event makes.
   */
  nextVersion<T extends Versioned>(current: T | undefined, before: (origin: Timetable) => T | undefined): number {
    if (!current) return 1;
    return current.version + (before(this.origin) === current ? 1 : 0);
  }

  /** Refuses when another session holds the course. */
  checkLock(courseId: string): void {
    const lock = this.ctx.lockAgainst(courseId);
    if (lock) throw new Refusal('locked', 'locked by another session', undefined, lock);
  }

  /** Refuses an edit whose base is too old. */
  checkBase(kind: string, current: Versioned, changedSince: (base: number) => boolean): void {
    const base = this.baseVersion;
    if (base === undefined) return;
    if (base > current.version) {
      throw invalid('baseVersion', `must not be newer than the current version, ${current.version}`);
    }
    const strict = this.origin.policy.staleEdits === 'strict';
    if (base < current.version && (strict || changedSince(base))) {
      throw new Refusal('stale', 'changed since the base version', undefined, { kind, current });
    }
  }

  /** Whether the course, with its new fields, stands on an owner's override. */
  overridden(id: string, old: Entry | undefined, fields: Fields): boolean {
    return (old !== undefined && samePlace(old.fields, fields) && old.overridden) || this.marks.has(id);
  }
}

/** The refusal of a change after which more conflicts would stand than a room keeps. */
export function tooManyConflicts(): Refusal {
  return invalid('', `would leave more than ${MAX_CONFLICTS} conflicts in the room`);
}
