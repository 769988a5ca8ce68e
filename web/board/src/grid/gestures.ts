// Pointer gestures on the grid: drag a card to move it, its bottom edge to resize it, empty time to
// create. A finger holds first. Says what was done through its host; draws only the ghost.

import type { wire } from '@kyo/collaboration-client';
import { courseColor } from '../app/color.js';
import { listen } from '../app/dom.js';
import { MINUTE, clockText, dayOf, minuteOf, shortDay } from '../app/time.js';
import { t } from '../language/index.js';
import type { Verdict } from './ghost.js';
import { type Grid, type Place, cardUnder } from './grid.js';
import { SNAP, type Stretch, type Times, begun, dayStart, drawn, moveOp, moved, ownership, resized, stretchOf, timesOf } from './moving.js';
import type { Owner } from './view.js';

const THRESHOLD = 4;
const HOLD_MS = 350;

/** What the gestures are for. */
export interface Hands {
  readonly grid: Grid;
  course(id: string): wire.Course | undefined;
  editable(): boolean;
  /** Whether a colleague has it in hand. */
  held(id: string): boolean;
  open(id: string): void;
  lift(id: string): void;
  drop(id: string): void;
  /** What would come of an operation, asked while it is in the hand. */
  ask(op: wire.Operation): void;
  move(op: wire.Operation, mode: 'move' | 'resize'): void;
  draft(times: Times, owner: Owner | null): void;
}

/** What is said about the place under the pointer. */
export interface Note {
  why?: string | undefined;
  free?: string | undefined;
}

interface Drag {
  mode: 'move' | 'resize' | 'create';
  course: wire.Course | undefined;
  began: Place;
  x: number;
  y: number;
  pointer: number;
  touch: boolean;
  allowed: boolean;
  going: boolean;
  grab: number;
  place: Place;
  wanted: Stretch;
  verdict: Verdict;
  note: Note;
}

/** See the module's comment. */
export class Gestures {
  #drag: Drag | null = null;
  #tapped = '';
  #holding: ReturnType<typeof setTimeout> | undefined;
  #stops: (() => void)[];

  constructor(private readonly hands: Hands) {
    const { days } = hands.grid.frame;
    this.#stops = [
      listen<PointerEvent>(days, 'pointerdown', (event) => this.#down(event)),
      listen<MouseEvent>(days, 'dblclick', (event) => this.#double(event)),
      listen<PointerEvent>(window, 'pointermove', (event) => this.#move(event)),
      listen<PointerEvent>(window, 'pointerup', (event) => this.#up(event)),
      listen(days, 'click', () => this.#click()),
      listen(window, 'pointercancel', () => this.cancel()),
      listen(days, 'touchmove', (event) => this.busy && event.preventDefault(), { passive: false }),
      listen(days, 'contextmenu', (event) => this.#drag && event.preventDefault()),
    ];
  }

  stop(): void {
    this.cancel();
    for (const stop of this.#stops) stop();
  }

  /** Whether something is in the hand. */
  get busy(): boolean {
    return this.#drag?.going ?? false;
  }

  #down(event: PointerEvent): void {
    const place = this.hands.grid.placeAt(event.clientX, event.clientY);
    if (event.button !== 0 || this.#drag || !place) return;
    const id = cardUnder(event.target)?.dataset.course;
    const course = id ? this.hands.course(id) : undefined;
    if (id && !course) return;
    const edge = event.target instanceof HTMLElement && event.target.dataset.handle;
    this.#drag = {
      mode: !course ? 'create' : edge ? 'resize' : 'move', course, began: place, place, x: event.clientX, y: event.clientY,
      pointer: event.pointerId, touch: event.pointerType === 'touch', going: false, grab: 0, wanted: { start: 0, end: 0 },
      allowed: this.hands.editable() && !(course && this.hands.held(course.id)), verdict: 'asking', note: {},
    };
    if (this.#drag.touch && this.#drag.allowed) this.#holding = setTimeout(() => this.#start(), HOLD_MS);
  }

  #start(): void {
    const drag = this.#drag;
    if (!drag || drag.going) return;
    drag.going = true;
    if (drag.course) {
      const { start } = stretchOf(drag.course, this.hands.grid.zone);
      drag.grab = dayStart(drag.began.column.day) + drag.began.minute - start;
      this.hands.grid.cards.lift(drag.course.id, true);
      this.hands.lift(drag.course.id);
    }
    document.body.classList.add(`dragging-${drag.mode}`);
    if (drag.touch) navigator.vibrate?.(10);
    this.#to(drag.place);
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.going) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) <= THRESHOLD) return;
      if (drag.touch || !drag.allowed) {
        this.cancel();
        return;
      }
      this.#start();
    }
    this.hands.grid.frame.nudge({ x: event.clientX, y: event.clientY }, drag);
    const place = this.hands.grid.placeAt(event.clientX, event.clientY);
    if (place) this.#to(place);
  }

  /** Follows the pointer to a place: works out the new times and shows them. */
  #to(place: Place): void {
    const drag = this.#drag;
    if (!drag) return;
    const wanted = this.#wanted(drag, place);
    const kept = drag.place.index === place.index && drag.wanted.start === wanted.start && drag.wanted.end === wanted.end;
    drag.place = place;
    if (kept) return;
    Object.assign(drag, { wanted, verdict: 'asking', note: {} });
    this.#show(drag);
    const op = this.#op(drag);
    if (op) this.hands.ask(op);
  }

  #wanted(drag: Drag, place: Place): Stretch {
    const { day } = place.column;
    if (!drag.course) return drawn(drag.began.column.day, drag.began.minute, place.minute);
    const now = stretchOf(drag.course, this.hands.grid.zone);
    if (drag.mode === 'resize') return resized(now, day, place.minute);
    return moved(now, day, place.minute, drag.grab);
  }

  #op({ course, wanted, place, mode }: Drag): wire.Operation | null {
    return course ? moveOp(course, wanted, mode === 'move' ? place.column : undefined, this.hands.grid.zone) : null;
  }

  /** Shows what is known of the place under the pointer, when `op` is still what would come of it. */
  answered(op: wire.Operation, verdict: Verdict, note: Note): void {
    const drag = this.#drag;
    if (!drag?.going || JSON.stringify(this.#op(drag)) !== JSON.stringify(op)) return;
    Object.assign(drag, { verdict, note });
    this.#show(drag);
  }

  #show({ course, wanted, place, began, mode, verdict, note }: Drag): void {
    const day = dayOf(wanted.start * MINUTE);
    const from = minuteOf(wanted.start * MINUTE);
    const to = Math.min(1440, from + wanted.end - wanted.start);
    const { columns } = this.hands.grid;
    const under = mode === 'move' ? place : began;
    const owner = mode === 'move' && course && Object.keys(ownership(course, place.column)).length > 0 ? place.column.name : '';
    const index = under.column.day === day ? under.index : columns.findIndex((column) => column.day === day);
    this.hands.grid.ghost.show({
      title: course?.title ?? t('class.new'), color: course ? courseColor(course) : 'var(--accent)',
      index: index < 0 ? under.index : index, from, to, verdict,
      note: { when: [`${shortDay(day)}, ${clockText(from)}–${clockText(to)}`, owner].filter(Boolean).join(' · '), ...note },
    });
  }

  #up(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    const { going, mode, course, wanted, began } = drag;
    const op = this.#op(drag);
    this.#clear();
    if (!going) {
      if (course && drag.touch) this.#tapped = course.id;
      else if (course) this.hands.open(course.id);
    } else if (!course) {
      if (wanted.end - wanted.start > SNAP) this.hands.draft(timesOf(wanted, this.hands.grid.zone), began.column.owner);
    } else if (op && mode !== 'create') this.hands.move(op, mode);
    else this.hands.drop(course.id);
  }

  /** A finger's click comes after it was lifted: what opened before would be clicked. */
  #click(): void {
    const tapped = this.#tapped;
    this.#tapped = '';
    if (tapped) this.hands.open(tapped);
  }

  #double(event: MouseEvent): void {
    const place = this.hands.grid.placeAt(event.clientX, event.clientY);
    if (!place || !this.hands.editable() || cardUnder(event.target)) return;
    this.hands.draft(timesOf(begun(place.column.day, place.minute), this.hands.grid.zone), place.column.owner);
  }

  /** Puts back what is in the hand; answers whether there was anything. */
  cancel(): boolean {
    const drag = this.#drag;
    if (!drag) return false;
    this.#clear();
    if (drag.going && drag.course) this.hands.drop(drag.course.id);
    return drag.going;
  }

  #clear(): void {
    clearTimeout(this.#holding);
    const drag = this.#drag;
    this.#drag = null;
    this.hands.grid.ghost.show(null);
    if (drag?.course) this.hands.grid.cards.lift(drag.course.id, false);
    document.body.classList.remove('dragging-move', 'dragging-resize', 'dragging-create');
  }
}
