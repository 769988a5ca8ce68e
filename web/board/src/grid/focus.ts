// Which card the keyboard is on: one of them is in the tab order, arrow keys go to its neighbours.

import type { Cards } from './cards.js';
import type { Placed } from './layout.js';

/** Where an arrow key leads. */
export type Direction = 'up' | 'down' | 'left' | 'right' | 'first' | 'last';

/** See the module's comment. */
export class Focus {
  #columns: readonly (readonly Placed[])[] = [];
  #current = '';

  constructor(private readonly cards: Cards) {}

  /** Takes the columns as they were just drawn, each in the order of time. */
  drawn(columns: readonly (readonly Placed[])[]): void {
    this.#columns = columns.map((parts) => parts.filter(({ first }) => first));
    const there = this.#columns.some((parts) => parts.some(({ course }) => course.id === this.#current));
    this.#mark(there ? this.#current : this.#columns.flat()[0]?.course.id ?? '');
  }

  /** The card with this course has the focus. */
  took(courseId: string): void {
    this.#mark(courseId);
  }

  /** The column of a course, or -1. */
  columnOf(courseId: string): number {
    return this.#columns.findIndex((parts) => parts.some(({ course }) => course.id === courseId));
  }

  /** Goes from a card to its neighbour. */
  go(courseId: string, direction: Direction): void {
    const next = neighbour(this.#columns, courseId, direction);
    if (next) this.cards.of(next)?.focus();
  }

  /** Puts the focus on a card when it is drawn. */
  on(courseId: string): void {
    this.#mark(courseId);
    this.cards.of(courseId)?.focus({ preventScroll: false });
  }

  /** A course is about to go: its neighbour takes the focus, where the course has it. */
  leave(courseId: string): void {
    if (this.cards.of(courseId) !== document.activeElement && this.#current !== courseId) return;
    const next = (['down', 'up', 'right', 'left'] as const).map((each) => neighbour(this.#columns, courseId, each)).find(Boolean);
    if (next) this.on(next);
  }

  /** Back to the card that had the focus last. */
  back(): void {
    this.cards.of(this.#current)?.focus({ preventScroll: true });
  }

  #mark(courseId: string): void {
    if (courseId !== this.#current) this.cards.of(this.#current)?.setAttribute('tabindex', '-1');
    this.#current = courseId;
    this.cards.of(courseId)?.setAttribute('tabindex', '0');
  }
}

/** The course that an arrow key leads to, or null at an edge. */
export function neighbour(columns: readonly (readonly Placed[])[], courseId: string, direction: Direction): string | null {
  const index = columns.findIndex((parts) => parts.some(({ course }) => course.id === courseId));
  const column = columns[index];
  if (!column) return null;
  const at = column.findIndex(({ course }) => course.id === courseId);
  switch (direction) {
    case 'up': return column[at - 1]?.course.id ?? null;
    case 'down': return column[at + 1]?.course.id ?? null;
    case 'first': return column[0]?.course.id ?? null;
    case 'last': return column.at(-1)?.course.id ?? null;
    default: return beside(columns, index, column[at]?.from ?? 0, direction === 'left' ? -1 : 1);
  }
}

/** The course nearest in time in the next column that has any. */
function beside(columns: readonly (readonly Placed[])[], index: number, from: number, step: -1 | 1): string | null {
  for (let next = index + step; columns[next]; next += step) {
    const parts = [...(columns[next] ?? [])].sort((a, b) => Math.abs(a.from - from) - Math.abs(b.from - from));
    if (parts[0]) return parts[0].course.id;
  }
  return null;
}
