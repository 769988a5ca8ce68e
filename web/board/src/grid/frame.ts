// The grid's frame: heads, hours, columns, the line of now, and where on the page each of them is.
// Sizes are measured when they change and remembered, so that following pointers never makes the
// browser lay the page out.

import { h } from '../app/dom.js';
import { clockText, dateText, dayNumber, dayOf, longDay, minuteOf, mondayOf, toWall, weekdayName } from '../app/time.js';
import { t } from '../language/index.js';
import type { Column } from './view.js';

/** A place on the page, in its pixels. */
export interface Point { x: number; y: number }

/** Pixels along each side in which a drag scrolls, and by how many. */
const EDGE = 48;
const PUSH = 10;
/** Pixels that a hand may tremble. */
const TREMBLE = 16;
const HOUR_AT_LEAST = 48;
/** Where a column has the whole screen there is room for bigger letters. */
const HOUR_ALONE = 64;
const CLOCK_MS = 20_000;

/** What the frame is drawn for. */
export interface Framing {
  columns: readonly Column[];
  zone: string;
  hours: { first: number; last: number };
  /** The most courses side by side in any column. */
  lanes: number;
}

/** See the module's comment. */
export class Frame {
  columns: readonly Column[] = [];
  elements: HTMLElement[] = [];
  hours = { first: 6, last: 22 };
  size = { width: 0, height: 0 };
  readonly days = h('div', { class: 'days' });
  readonly layer = h('div', { class: 'cursors', 'aria-hidden': 'true' });
  #heads = h('div', { class: 'heads' });
  #gutter = h('div', { class: 'gutter', 'aria-hidden': 'true' });
  #now = h('div', { class: 'now', hidden: true, 'aria-hidden': 'true' });
  #sheet = h('div', { class: 'sheet' }, this.#heads, h('div', { class: 'body' }, this.#gutter, this.days));
  #fit = new ResizeObserver(() => this.#measure());
  #clock = setInterval(() => this.#drawNow(), CLOCK_MS);
  #zone = 'UTC';
  #key = '';

  constructor(readonly scroller: HTMLElement, private readonly resized: () => void) {
    scroller.replaceChildren(this.#sheet);
    this.#fit.observe(scroller);
    this.#fit.observe(this.days);
  }

  stop(): void {
    this.#fit.disconnect();
    clearInterval(this.#clock);
    this.scroller.replaceChildren();
  }

  /** Draws what differs from last time. */
  draw({ columns, zone, hours, lanes }: Framing): void {
    const today = dayOf(toWall(Date.now(), zone));
    this.#sheet.style.setProperty('--lanes', String(lanes)); // busy days scroll sideways instead of shrinking
    const key = JSON.stringify([columns, zone, hours, today, t('view.today')]);
    if (key !== this.#key) {
      this.#key = key;
      Object.assign(this, { columns, hours });
      this.#zone = zone;
      this.#build(today);
    }
    this.#drawNow();
  }

  #build(today: number): void {
    const { first, last } = this.hours;
    const style = this.#sheet.style;
    style.setProperty('--hours', String(last - first));
    style.setProperty('--columns', String(this.columns.length));
    this.#sheet.classList.toggle('by-owner', this.columns[0]?.owner !== null);
    this.#sheet.classList.toggle('one', this.columns.length === 1);
    this.#heads.replaceChildren(h('div', { class: 'corner' }), ...this.columns.map((column) => head(column, today)));
    this.#gutter.replaceChildren(...Array.from({ length: last - first }, (_, index) =>
      h('span', { '--at': index }, clockText((first + index) * 60))));
    const before = this.elements.length;
    this.elements = this.columns.map((column, index) => this.#column(column, index, today));
    if (before !== this.elements.length) this.days.replaceChildren(...this.elements, this.layer);
    this.#measure();
  }

  /** Keeps the elements that are there, so that cards in them stay where the focus is. */
  #column(column: Column, index: number, today: number): HTMLElement {
    const element = this.elements[index] ?? h('div', { role: 'group' });
    const weekday = column.day - mondayOf(column.day);
    element.className = `day${column.day === today ? ' today' : ''}${weekday > 4 && !column.owner ? ' weekend' : ''}`;
    element.dataset.day = String(weekday);
    element.dataset.owner = column.owner?.id ?? '';
    element.setAttribute('aria-label', [nameOf(column), longDay(column.day)].filter(Boolean).join(', '));
    return element;
  }

  /** Hours are as tall as the window allows, and never too small to read. */
  #measure(): void {
    const space = this.scroller.clientHeight - this.#heads.offsetHeight - 1;
    const hours = this.hours.last - this.hours.first;
    const alone = this.columns.length === 1 && this.columns[0]?.owner === null;
    const hour = Math.max(alone ? HOUR_ALONE : HOUR_AT_LEAST, Math.floor((space / hours) * 100) / 100);
    this.#sheet.style.setProperty('--hour', `${hour}px`);
    this.size = { width: this.days.clientWidth, height: hour * hours };
    this.resized();
  }

  #drawNow(): void {
    const wall = toWall(Date.now(), this.#zone);
    const hour = minuteOf(wall) / 60;
    const index = this.columns.findIndex(({ day }) => day === dayOf(wall));
    const inside = index >= 0 && hour >= this.hours.first && hour < this.hours.last;
    this.#now.hidden = !inside;
    if (!inside) return;
    const everywhere = this.columns[index]?.owner;
    (everywhere ? this.days : this.elements[index])?.append(this.#now);
    this.#now.style.setProperty('--at', String(hour - this.hours.first));
  }

  /** Column, place across it, and minute of the day under a point of the page. */
  at(clientX: number, clientY: number): { index: number; across: number; minute: number } {
    const box = this.days.getBoundingClientRect();
    const across = clamp((clientX - box.left) / box.width) * this.columns.length;
    const index = Math.min(this.columns.length - 1, Math.floor(across));
    const hours = this.hours.last - this.hours.first;
    const minute = clamp((this.hours.first + ((clientY - box.top) / box.height) * hours) / 24) * 1440;
    return { index, across: Math.min(1, across - index), minute };
  }

  /** The point, in the columns' own pixels, of a place. */
  point(index: number, across: number, minute: number): { x: number; y: number } {
    const hours = this.hours.last - this.hours.first;
    return {
      x: ((index + across) / Math.max(1, this.columns.length)) * this.size.width,
      y: ((minute / 60 - this.hours.first) / hours) * this.size.height,
    };
  }

  /** Scrolls while something is dragged along an edge, unless it was taken there and has hardly moved towards it. */
  nudge(at: Point, from: Point): void {
    const box = this.scroller.getBoundingClientRect();
    this.scroller.scrollBy(push(box.left, box.right, at.x, from.x), push(box.top + 30, box.bottom, at.y, from.y));
  }

  /** Brings an hour of a column into view. */
  reveal(index: number, hour: number): void {
    const point = this.point(index, 0, hour * 60);
    this.scroller.scrollTo({ left: point.x - 8, top: Math.max(0, point.y - 40) });
  }

  /** The days that are shown, as the address has them. */
  get first(): string {
    return dateText(this.columns[0]?.day ?? 0);
  }
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

function nameOf({ owner, name }: Column): string {
  if (!owner) return '';
  return owner.id === null ? t(owner.kind === 'studio' ? 'view.noStudio' : 'view.noTrainer') : name;
}

function head(column: Column, today: number): HTMLElement {
  const { day, owner, capacity } = column;
  if (owner) {
    return h('div', { class: 'head owner', title: nameOf(column) }, h('span', { class: 'head-owner' }, nameOf(column)),
      capacity !== null && h('span', { class: 'head-note' }, t('view.places', { count: capacity })));
  }
  return h('div', { class: day === today ? 'head today' : 'head', title: longDay(day) },
    h('span', { class: 'head-name' }, weekdayName(day)), h('span', { class: 'head-number' }, dayNumber(day)));
}

function push(low: number, high: number, at: number, from: number): number {
  if (at < low + EDGE && at < from - TREMBLE) return -PUSH;
  return at > high - EDGE && at > from + TREMBLE ? PUSH : 0;
}
