// Changing the timetable by hand: pointer gestures and keys on cards, with what would come of it told
// while it is being done. At once by the client's own rules; then by the service, which also knows
// the bookings of other timetables.

import { type Room, ServiceError, type wire } from '@kyo/collaboration-client';
import { type Answer, Probe } from '../editor/probe.js';
import { Gestures } from '../grid/gestures.js';
import { type Grid, cardUnder } from '../grid/grid.js';
import { type Times, stepOp } from '../grid/moving.js';
import type { Owner } from '../grid/view.js';
import { t } from '../language/index.js';
import { listen } from './dom.js';
import type { Edits, Words } from './edits.js';
import { type Act, type Intent, intentOf } from './keys.js';

/** What the hands work on. */
export interface HandsHost {
  readonly room: Room;
  readonly grid: Grid;
  readonly edits: Edits;
  editable(): boolean;
  /** A course as it is shown. */
  course(id: string): wire.Course | undefined;
  act(name: Act): void;
  open(id: string): void;
  remove(course: Pick<wire.Course, 'id' | 'title'>): void;
  draft(times: Times, owner: Owner | null): void;
  /** A day that is not shown came into play. */
  follow(day: number): void;
  /** An answer about what the panel would do. */
  answered(words: Words, op: wire.Operation): void;
}

/** See the module's comment. */
export class Hands {
  #gestures: Gestures;
  #probe: Probe;
  #stop: () => void;

  constructor(private readonly host: HandsHost) {
    const { room, grid } = host;
    this.#probe = new Probe(room, (answer, op) => answer && this.#answered(answer, op));
    this.#gestures = new Gestures({
      grid, course: (id) => host.course(id), editable: () => host.editable(), held: (id) => room.locks.against(id) !== null,
      open: (id) => host.open(id), lift: (id) => void this.#lift(id), drop: (id) => this.#drop(id), ask: (op) => this.ask(op),
      move: (op, mode) => void this.#move(op, mode), draft: (times, owner) => host.draft(times, owner),
    });
    this.#stop = listen<KeyboardEvent>(document, 'keydown', (event) => this.#key(event));
  }

  stop(): void {
    this.#stop();
    this.#gestures.stop();
    this.#probe.stop();
  }

  /** Whether something is in the hand. */
  get busy(): boolean {
    return this.#gestures.busy;
  }

  /** Puts back what is in the hand; answers whether there was anything. */
  cancel(): boolean {
    return this.#gestures.cancel();
  }

  /** Asks what would come of an operation. */
  ask(op: wire.Operation): void {
    const foreseen = this.host.room.foresee(op);
    if (foreseen) this.#answered(foreseen, op);
    this.#probe.ask(op);
  }

  #answered(answer: NonNullable<Answer>, op: wire.Operation): void {
    const words = this.host.edits.words(answer, op);
    if (!this.busy) {
      this.host.answered(words, op);
      return;
    }
    const [best] = words.suggestions;
    const free = best && t('drag.free', { where: this.host.edits.placeText(best, op) });
    this.#gestures.answered(op, words.verdict, { why: words.why, free });
  }

  async #lift(id: string): Promise<void> {
    try {
      await this.host.room.lock(id);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'locked') this.host.edits.tell(error);
    }
  }

  #drop(id: string): void {
    this.#probe.stop();
    void this.host.room.unlock(id);
  }

  async #move(op: wire.Operation, mode: 'move' | 'resize'): Promise<void> {
    this.#probe.stop();
    await this.host.edits.move(op, mode);
    if (op.kind === 'course_move') await this.host.room.unlock(op.courseId);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const typing = target?.closest('input, textarea, select') && event.key !== 'Escape';
    if (typing || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const id = cardUnder(target)?.dataset.course;
    const intent = intentOf({
      key: event.key, altKey: event.altKey, shiftKey: event.shiftKey, ctrlKey: event.ctrlKey, metaKey: event.metaKey,
      onCard: id !== undefined, editable: this.host.editable(),
    });
    if (!intent) return;
    if (event.key !== 'Escape') event.preventDefault();
    this.#intend(intent, id);
  }

  #intend(intent: Intent, id: string | undefined): void {
    const { host } = this;
    if (intent.do === 'act') host.act(intent.name);
    const course = id ? host.course(id) : undefined;
    if (!course) return;
    switch (intent.do) {
      case 'focus': host.grid.focus.go(course.id, intent.to); break;
      case 'open': host.open(course.id); break;
      case 'remove': host.remove(course); break;
      case 'resize': this.#apply(stepOp(course, { quarters: intent.quarters, end: true }, host.grid.zone), 'resize'); break;
      case 'move': this.#step(course, intent.quarters, intent.columns); break;
    }
  }

  /** In a week a step goes over its edge into the next one. */
  #step(course: wire.Course, quarters: number, columns: -1 | 0 | 1): void {
    const { grid } = this.host;
    const index = grid.focus.columnOf(course.id);
    const from = grid.columns[index];
    if (!from) return;
    const beside = grid.columns[index + columns];
    const to = beside ?? (from.owner ? undefined : { ...from, day: from.day + columns });
    if (!to) return;
    this.#apply(stepOp(course, { quarters, from, to }, grid.zone), 'move');
    if (!beside) this.host.follow(to.day);
  }

  #apply(op: wire.Operation | null, mode: 'move' | 'resize'): void {
    if (op) void this.host.edits.move(op, mode);
  }
}
