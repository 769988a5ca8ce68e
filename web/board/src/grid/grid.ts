// Draws a timetable: columns, cards, ghost. Knows where things are on the page and nothing of the
// network or of what a gesture means.

import type { wire } from '@kyo/collaboration-client';
import { listen } from '../app/dom.js';
import { t } from '../language/index.js';
import { Cards } from './cards.js';
import { Focus } from './focus.js';
import { Frame } from './frame.js';
import { Ghost } from './ghost.js';
import { type Part, type Placed, hourRange, partsOf, sideBySide } from './layout.js';
import type { Model } from './model.js';
import { type Column, columnOf, columnsOf, daysOf, shows } from './view.js';

/** A place under the pointer. */
export interface Place {
  index: number;
  column: Column;
  minute: number;
}

/** See the module's comment. */
export class Grid {
  readonly frame: Frame;
  readonly cards = new Cards();
  readonly focus = new Focus(this.cards);
  readonly ghost: Ghost;
  zone = 'UTC';
  #resized = new Set<() => void>();
  #stops: (() => void)[];

  constructor(element: HTMLElement) {
    this.frame = new Frame(element, () => {
      for (const told of this.#resized) told();
    });
    this.ghost = new Ghost(this.frame);
    this.#stops = [listen<FocusEvent>(element, 'focusin', ({ target }) => {
      const id = cardUnder(target)?.dataset.course;
      if (id) this.focus.took(id);
    })];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.frame.stop();
  }

  /** Tells when places on the page have changed. */
  onResize(told: () => void): void {
    this.#resized.add(told);
  }

  get columns(): readonly Column[] {
    return this.frame.columns;
  }

  /** Draws everything, and touches what differs. */
  draw(model: Model): void {
    this.zone = model.zone;
    const days = daysOf(model.view, model.narrow);
    const parts = partsIn(model, days[0] ?? 0, days.at(-1) ?? 0);
    const columns = columnsOf(model.view, model.timetable, parts.map(({ course }) => course), model.narrow);
    const byColumn = dealt(parts, columns).map((each) => sideBySide(each));
    const hours = hourRange(parts);
    const lanes = byColumn.flat().reduce((most, part) => Math.max(most, part.lanes), 1);
    this.frame.draw({ columns, zone: model.zone, hours, lanes });
    this.#cards(byColumn, model);
    this.focus.drawn(byColumn);
    this.ghost.mark(model.marked, model.zone);
    this.#empty(parts.length === 0 && model.timetable.seq > 0, model.editable);
  }

  #cards(byColumn: readonly Placed[][], model: Model): void {
    const scene = { model, conflicts: conflictsByCourse(model), firstHour: this.frame.hours.first };
    const kept = new Set<string>();
    byColumn.forEach((parts, index) => {
      const element = this.frame.elements[index];
      if (!element) return;
      for (const key of this.cards.draw(parts, element, scene)) kept.add(key);
    });
    this.cards.keep(kept);
  }

  #empty(empty: boolean, editable: boolean): void {
    const { scroller } = this.frame;
    scroller.dataset.empty = empty ? [t('view.empty'), editable && t('view.emptyHint')].filter(Boolean).join(' ') : '';
    scroller.classList.toggle('empty', empty);
  }

  /** Column and minute under a point of the page. */
  placeAt(clientX: number, clientY: number): Place | null {
    const { index, minute } = this.frame.at(clientX, clientY);
    const column = this.columns[index];
    return column ? { index, column, minute } : null;
  }
}

/** The card that an event happened on. */
export function cardUnder(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('.card[data-course]') : null;
}

function partsIn({ courses, view, zone }: Model, first: number, last: number): Part[] {
  const parts: Part[] = [];
  for (const course of courses.values()) {
    if (shows(view, course)) parts.push(...partsOf(course, first, last, zone));
  }
  return parts;
}

/** The parts of each column. */
function dealt(parts: readonly Part[], columns: readonly Column[]): Part[][] {
  const hands: Part[][] = columns.map(() => []);
  for (const part of parts) hands[columnOf(columns, part)]?.push(part);
  return hands;
}

function conflictsByCourse({ timetable }: Model): Map<string, wire.Conflict[]> {
  const found = new Map<string, wire.Conflict[]>();
  for (const conflict of timetable.conflicts.values()) {
    for (const { courseId } of conflict.courses) found.set(courseId, [...(found.get(courseId) ?? []), conflict]);
  }
  return found;
}
