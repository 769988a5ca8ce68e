// Pointers of colleagues over the grid, and saying where ours is. On the wire a pointer is `x` in
// fractions of the whole width and `y` in fractions of a day, so that boards with other hours, sizes
// and scroll positions agree; `componentId` names the week, or the day and whose column it is.

import type { Room, wire } from '@kyo/collaboration-client';
import { inkOn } from '../app/color.js';
import { h, listen } from '../app/dom.js';
import { dateText, mondayOf, parseDate } from '../app/time.js';
import type { Grid } from './grid.js';

const SMOOTH_MS = 55;
const STILL_MS = 20_000;
const NEAR = 0.3;
const WIDTH_OF_NAME = 110;
/** Longest `componentId` that the service takes. */
const LONGEST = 64;

interface Arrow {
  element: HTMLElement;
  /** In pixels of the columns: where it is drawn, and where it belongs. */
  at: { x: number; y: number };
  to: { x: number; y: number };
  cursor: wire.Cursor;
  movedAt: number;
  flipped: boolean;
}

/** See the module's comment. */
export class Cursors {
  #arrows = new Map<string, Arrow>();
  #frame = 0;
  #then = 0;
  #stops: (() => void)[];

  constructor(private readonly grid: Grid, private readonly room: Room, private readonly self: () => string | undefined) {
    const { days } = grid.frame;
    const sweep = setInterval(() => this.draw(), STILL_MS / 4);
    this.#stops = [
      listen<PointerEvent>(days, 'pointermove', (event) => this.#moved(event)),
      listen(days, 'pointerleave', () => room.joined && room.moveCursor({ x: 0, y: 0, componentType: 'none' })),
      () => clearInterval(sweep),
    ];
    grid.onResize(() => this.#settle());
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    cancelAnimationFrame(this.#frame);
    for (const { element } of this.#arrows.values()) element.remove();
    this.#arrows.clear();
  }

  #moved(event: PointerEvent): void {
    if (event.pointerType === 'touch' || !this.room.joined) return;
    const { index, across, minute } = this.grid.frame.at(event.clientX, event.clientY);
    const cursor = toWire(this.grid, index, across, minute);
    if (cursor) this.room.moveCursor(cursor);
  }

  /** Takes the pointers as they are now. */
  draw(): void {
    const now = performance.now();
    const present = new Set<string>();
    for (const person of this.room.participants.values()) {
      const { cursor, sessionId } = person;
      const point = cursor && sessionId !== this.self() ? fromWire(this.grid, cursor) : null;
      if (!cursor || !point) continue;
      present.add(sessionId);
      const arrow = this.#arrows.get(sessionId) ?? this.#made(person, cursor, point);
      if (arrow.cursor !== cursor) Object.assign(arrow, { cursor, movedAt: now });
      arrow.to = point;
      if (now - arrow.movedAt > STILL_MS) arrow.element.classList.add('still');
      else arrow.element.classList.remove('still');
    }
    this.#keep(present);
    this.#wake();
  }

  #keep(present: ReadonlySet<string>): void {
    for (const [id, { element }] of this.#arrows) {
      if (present.has(id)) continue;
      element.remove();
      this.#arrows.delete(id);
    }
  }

  #made({ color, userId, name, sessionId }: wire.Participant, cursor: wire.Cursor, point: { x: number; y: number }): Arrow {
    const element = h('div', {
      class: 'cursor', '--ground': color, '--on-ground': inkOn(color), 'data-user': userId, 'aria-hidden': 'true',
    }, h('span', {}, name));
    this.grid.frame.layer.append(element);
    const arrow = { element, at: { x: -1, y: -1 }, to: point, cursor, movedAt: performance.now(), flipped: false };
    this.#arrows.set(sessionId, arrow);
    this.#put(arrow, point);
    return arrow;
  }

  /** After a resize: each arrow at once where it belongs. */
  #settle(): void {
    for (const arrow of this.#arrows.values()) {
      const point = fromWire(this.grid, arrow.cursor);
      if (!point) continue;
      arrow.to = point;
      this.#put(arrow, point);
    }
  }

  #wake(): void {
    if (this.#frame) return;
    this.#then = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#step(now));
  }

  /** Moves each arrow a part of the way; sleeps when all have arrived. */
  #step(now: number): void {
    const part = 1 - Math.exp(-Math.max(0, now - this.#then) / SMOOTH_MS);
    this.#then = now;
    let moving = false;
    for (const arrow of this.#arrows.values()) {
      const { at, to } = arrow;
      const [dx, dy] = [to.x - at.x, to.y - at.y];
      if (dx === 0 && dy === 0) continue;
      const near = Math.abs(dx) + Math.abs(dy) < NEAR;
      moving ||= !near;
      this.#put(arrow, near ? to : { x: at.x + dx * part, y: at.y + dy * part });
    }
    this.#frame = moving ? requestAnimationFrame((next) => this.#step(next)) : 0;
  }

  #put(arrow: Arrow, { x, y }: { x: number; y: number }): void {
    arrow.at = { x, y };
    arrow.element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    const flip = x > this.grid.frame.size.width - WIDTH_OF_NAME;
    if (flip === arrow.flipped) return;
    arrow.flipped = flip;
    arrow.element.classList.toggle('flip', flip);
  }
}

const round = (value: number) => Math.round(value * 1e4) / 1e4;

/** A place on our grid as a pointer on the wire. */
function toWire(grid: Grid, index: number, across: number, minute: number): wire.Cursor | null {
  const column = grid.columns[index];
  if (!column) return null;
  const y = round(minute / 1440);
  if (column.owner) return { x: round(across), y, componentId: idOf(column.day, column.owner.id), componentType: column.owner.kind };
  const monday = mondayOf(column.day);
  return { x: round((column.day - monday + across) / 7), y, componentId: dateText(monday), componentType: 'week' };
}

const idOf = (day: number, owner: string | null) => `${dateText(day)} ${owner ?? ''}`.slice(0, LONGEST);

/** Where a pointer from the wire is on our grid; null when it is over something that we don't see. */
function fromWire(grid: Grid, { x, y, componentId, componentType }: wire.Cursor): { x: number; y: number } | null {
  if (componentType === 'week') {
    const day = (parseDate(componentId) ?? Number.NaN) + Math.min(6, Math.floor(x * 7));
    const index = grid.columns.findIndex((column) => column.day === day && !column.owner);
    return index < 0 ? null : grid.frame.point(index, x * 7 - Math.min(6, Math.floor(x * 7)), y * 1440);
  }
  const index = grid.columns.findIndex(({ day, owner }) => owner?.kind === componentType && idOf(day, owner?.id ?? null) === componentId);
  return index < 0 ? null : grid.frame.point(index, x, y * 1440);
}
