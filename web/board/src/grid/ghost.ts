// The ghost of what is being dragged, the bubble that says what would come of it, and the stretches
// that colleagues have marked.

import { h } from '../app/dom.js';
import { clockText, dayOf, minuteOf, toWall } from '../app/time.js';
import { setSpot } from './cards.js';
import type { Frame } from './frame.js';
import type { Marked } from './model.js';

/** How the place under the pointer is. */
export type Verdict = 'asking' | 'fine' | 'warned' | 'refused';

/** What is in the hand, and where it would go. */
export interface Shape {
  title: string;
  color: string;
  index: number;
  from: number;
  to: number;
  verdict: Verdict;
  note: { when: string; why?: string | undefined; free?: string | undefined };
}

/** See the module's comment. */
export class Ghost {
  #elements: HTMLElement[] = [];
  #marks: HTMLElement[] = [];

  constructor(private readonly frame: Frame) {}

  /** Shows a shape; null hides it. */
  show(shape: Shape | null): void {
    for (const element of this.#elements) element.remove();
    this.#elements = [];
    const column = shape && this.frame.elements[shape.index];
    if (!shape || !column) return;
    const { title, color, from, to, verdict } = shape;
    const card = h('div', { class: `card ghost ${verdict}`, '--c': color },
      h('div', { class: 'card-title' }, title), h('div', { class: 'card-line' }, `${clockText(from)}–${clockText(to)}`));
    setSpot(card, { from, to, left: 0, width: 1 }, this.frame.hours.first);
    this.#elements = [card, this.#bubble(shape)];
    column.append(...this.#elements);
  }

  #bubble({ verdict, index, from, note }: Shape): HTMLElement {
    const before = index >= this.frame.columns.length / 2 ? 'before' : '';
    const alone = this.frame.columns.length === 1 ? 'over' : '';
    return h('div', { class: `bubble ${verdict} ${before} ${alone}`, role: 'status', '--at': (from - this.frame.hours.first * 60) / 60 },
      h('strong', {}, note.when), note.why, note.free && h('em', {}, note.free));
  }

  /** Shows what colleagues have marked. */
  mark(marked: readonly Marked[], zone: string): void {
    for (const element of this.#marks) element.remove();
    this.#marks = marked.flatMap((each) => this.#stretch(each, zone));
  }

  #stretch({ by, startsAt, endsAt }: Marked, zone: string): HTMLElement[] {
    const start = toWall(Date.parse(startsAt), zone);
    const end = toWall(Date.parse(endsAt), zone);
    const index = this.frame.columns.findIndex(({ day, owner }) => day === dayOf(start) && !owner);
    const column = this.frame.elements[index];
    if (!column || !(end > start)) return [];
    const element = h('div', { class: 'marked', '--mark': by.color, 'aria-hidden': 'true' }, h('span', {}, by.name));
    const from = minuteOf(start);
    setSpot(element, { from, to: Math.min(1440, from + (end - start) / 60_000), left: 0, width: 1 }, this.frame.hours.first);
    column.append(element);
    return [element];
  }
}
