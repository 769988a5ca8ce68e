// What the board does to a room on somebody's behalf, and what it says of it: moves, new classes,
// deletions, undo, and the answers of the service in words.

import type { Room, ServiceError, wire } from '@kyo/collaboration-client';
import type { Offer } from '../editor/editor.js';
import type { Answer } from '../editor/probe.js';
import { type Context, conflictText, detailsOf, refusalText } from '../editor/reasons.js';
import { explain } from '../editor/refusal.js';
import { courseIdOf, suggestionText } from '../editor/suggestion.js';
import type { Draft } from '../editor/values.js';
import { waysOut } from '../editor/ways.js';
import type { Verdict } from '../grid/ghost.js';
import { t } from '../language/index.js';
import { toast } from '../panels/toasts.js';
import { announce } from './dom.js';
import { spanText } from './time.js';

/** What the edits need of the board. */
export interface EditsHost {
  readonly room: Room;
  zone(): string;
  nameOf(userId: string): string;
  reopen(course: Draft): void;
}

/** An answer in words. */
export interface Words {
  verdict: Verdict;
  why: string;
  suggestions: readonly wire.Suggestion[];
}

/** See the module's comment. */
export class Edits {
  constructor(private readonly host: EditsHost) {}

  get #room(): Room {
    return this.host.room;
  }

  /** Moves or resizes a course. */
  async move(op: wire.Operation, mode: 'move' | 'resize'): Promise<void> {
    const id = courseIdOf(op);
    const course = id ? this.#room.view.courses.get(id) : undefined;
    const ack = await this.#room.apply(op, { baseVersion: course?.version || undefined });
    const now = id ? this.#room.view.courses.get(id) : undefined;
    if (!ack || !now) return;
    const when = spanText(now.startsAt, now.endsAt, this.host.zone());
    announce(t(mode === 'move' ? 'said.moved' : 'said.resized', { title: now.title, when }));
  }

  /** Saves what the panel has made. */
  async save(op: wire.Operation, baseVersion: number | undefined): Promise<void> {
    const ack = await this.#room.apply(op, { baseVersion });
    if (!ack || op.kind !== 'course_create') return;
    const { title, startsAt, endsAt } = op.course;
    announce(t('said.added', { title, when: spanText(startsAt, endsAt, this.host.zone()) }));
  }

  /** Deletes a course, and offers to bring it back. */
  async remove({ id, title }: { id: string; title: string }): Promise<void> {
    const ack = await this.#room.apply({ kind: 'course_delete', courseId: id });
    if (!ack) return;
    toast({
      title: t('said.removed', { title }), key: `removed ${id}`,
      actions: [{ label: t('said.undo'), run: () => void this.revert('undo') }],
    });
  }

  /** Undoes or does again. */
  async revert(kind: 'undo' | 'redo', opId?: string): Promise<void> {
    if (!this.#room.editable) return;
    const ack = await this.#room[kind](opId);
    if (ack) announce(t(kind === 'undo' ? 'said.undone' : 'said.redone'));
  }

  /** The panel was left with changes in it. */
  abandoned(title: string, op: wire.Operation): void {
    const run = () => void this.#room.apply(op);
    toast({
      title: t('said.notSaved', { title }), key: `abandoned ${courseIdOf(op) ?? ''}`,
      actions: [{ label: t('said.saveThem'), primary: true, run }],
    });
  }

  /** Registers a trainer or studio; answers its id. */
  async addResource(kind: wire.ResourceKindName, name: string): Promise<string | null> {
    const id = crypto.randomUUID();
    const overlap = this.#room.timetable.policy.defaultOverlap;
    return await this.#room.apply({ kind: 'resource_upsert', resource: { id, kind, name, overlap } }) ? id : null;
  }

  /** What is known of an operation, in words. */
  words(answer: Answer, op: wire.Operation): Words {
    const context = this.context(op);
    if (!answer) return { verdict: 'asking', why: '', suggestions: [] };
    if ('error' in answer) {
      return { verdict: 'refused', why: refusalText(answer.error, context), suggestions: detailsOf(answer.error).suggestions ?? [] };
    }
    const why = [...new Set(answer.warnings.map((conflict) => conflictText(conflict, context)))].join(' ');
    return { verdict: why ? 'warned' : 'fine', why, suggestions: [] };
  }

  /** A suggested place in words. */
  placeText(suggestion: wire.Suggestion, op: wire.Operation): string {
    return suggestionText(suggestion, op, this.#room.timetable, this.host.zone());
  }

  /** Free places for a course that stands in a conflict: one press moves it there, after `begin`. */
  ways(course: Draft, begin: () => void): Offer[] {
    const named: wire.Operation = { kind: 'course_move', courseId: course.id, startsAt: course.startsAt };
    const places = waysOut(course, this.#room.view, this.host.zone(), (place) => this.#isFree({ ...named, ...place }));
    return places.map((place) => ({
      text: this.placeText(place, named),
      take: () => {
        begin();
        void this.move({ ...named, ...place }, 'move');
      },
    }));
  }

  #isFree(op: wire.Operation): boolean {
    const foreseen = this.#room.foresee(op);
    return foreseen !== null && 'warnings' in foreseen && foreseen.warnings.length === 0;
  }

  /** An operation came back. */
  refused(op: wire.Operation, error: ServiceError): void {
    const { room, reopen } = this.host;
    announce(explain({ room, op, error, context: this.context(op), reopen }));
  }

  /** A refusal of something that is not an operation. */
  tell(error: ServiceError): void {
    toast({ title: refusalText(error, this.context(null)), key: error.code });
  }

  /** The sign-in ends soon. */
  expiring(): void {
    toast({ title: t('said.expiring'), text: t('said.expiringText'), key: 'expiring' });
  }

  context(op: wire.Operation | null): Context {
    return {
      timetable: this.#room.timetable, zone: this.host.zone(), courseId: op ? courseIdOf(op) : undefined,
      nameOf: (id) => this.host.nameOf(id),
    };
  }
}
