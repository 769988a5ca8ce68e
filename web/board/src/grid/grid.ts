// @ts-nocheck: replaced in the next steps
// Draws the week: day heads, hours, cards, the line of now, the ghost of a drag. Knows where things
// are on the page and nothing of the network or of what a gesture means.

import { courseColor } from '../app/color.js';
import { h } from '../app/dom.js';
import { hourRange, partsOf, sideBySide } from './layout.js';
import { avatar } from '../panels/avatar.js';
import {
  clockText, dateText, dayNumber, dayOf, longDay, minuteOf, toWall, weekdayName,
} from '../app/time.js';
import { conflictText } from '../editor/reasons.js';

const DAYS = [0, 1, 2, 3, 4, 5, 6];

export class Grid {
  #cards = new Map();
  #extra = [];

  constructor(element) {
    this.scroller = element;
    this.monday = 0;
    this.zone = 'UTC';
    this.range = { first: 6, last: 22 };
    this.heads = h('div', { class: 'heads' });
    this.gutter = h('div', { class: 'gutter', 'aria-hidden': 'true' });
    this.columns = DAYS.map((index) => h('div', { class: 'day', role: 'group', 'data-day': index }));
    this.cursorLayer = h('div', { class: 'cursors' });
    this.nowLine = h('div', { class: 'now', hidden: true, 'aria-hidden': 'true' });
    this.days = h('div', { class: 'days' }, this.columns, this.cursorLayer);
    this.body = h('div', { class: 'body' }, this.gutter, this.days);
    this.sheet = h('div', { class: 'sheet' }, this.heads, this.body);
    element.replaceChildren(this.sheet);
    this.fit = new ResizeObserver(() => this.#size());
    this.fit.observe(element);
    this.clock = setInterval(() => this.#drawNow(), 20_000);
  }

  stop() {
    this.fit.disconnect();
    clearInterval(this.clock);
  }

  get weekKey() {
    return dateText(this.monday);
  }

  get width() {
    return this.days.clientWidth;
  }

  /** Where a pointer is: fractions of the seven columns and of the 24 hours. */
  fractionAt(clientX, clientY) {
    const box = this.days.getBoundingClientRect();
    const hours = this.range.last - this.range.first;
    const y = (this.range.first + ((clientY - box.top) / box.height) * hours) / 24;
    const clamp = (value) => Math.min(1, Math.max(0, value));
    return { x: clamp((clientX - box.left) / box.width), y: clamp(y) };
  }

  /** The point in the columns' own pixels of such fractions. */
  pointAt({ x, y }) {
    const hours = this.range.last - this.range.first;
    return {
      x: x * this.days.clientWidth,
      y: ((y * 24 - this.range.first) / hours) * this.days.clientHeight,
    };
  }

  /** Column and minute under a pointer. */
  placeAt(clientX, clientY) {
    const { x, y } = this.fractionAt(clientX, clientY);
    return { column: Math.min(6, Math.floor(x * 7)), minute: y * 1440 };
  }

  cardOf(courseId) {
    return this.#cards.get(`${courseId} 0`)?.element;
  }

  /** Draws everything from `model`: timetable, monday, zone, editable, unsaved, locks, selections, … */
  draw(model) {
    Object.assign(this, { monday: model.monday, zone: model.zone, model });
    const parts = [];
    for (const course of model.timetable.courses.values()) {
      if (model.shows(course)) parts.push(...partsOf(course, model.monday, model.monday + 6, model.zone).map((part) => ({ ...part, column: part.day - model.monday })));
    }
    this.range = hourRange(parts);
    this.#frame();
    this.conflicting = this.#conflicts(model.timetable);
    const kept = new Set();
    let lanes = 1;
    for (const index of DAYS) {
      for (const part of sideBySide(parts.filter(({ column }) => column === index))) {
        kept.add(this.#place(part));
        lanes = Math.max(lanes, part.lanes);
      }
    }
    this.sheet.style.setProperty('--lanes', lanes); // busy weeks scroll sideways instead of shrinking
    for (const [key, { element }] of this.#cards) {
      if (kept.has(key)) continue;
      element.remove();
      this.#cards.delete(key);
    }
    this.#drawNow();
  }

  #conflicts(timetable) {
    const found = new Map();
    for (const conflict of timetable.conflicts.values()) {
      for (const { courseId } of conflict.courses) {
        found.set(courseId, [...(found.get(courseId) ?? []), conflict]);
      }
    }
    return found;
  }

  #frame() {
    const { first, last } = this.range;
    const today = dayOf(toWall(Date.now(), this.zone));
    const key = [this.monday, this.zone, first, last, today].join();
    if (key === this.frameKey) return;
    this.frameKey = key;
    this.sheet.style.setProperty('--hours', last - first);
    this.heads.replaceChildren(h('div', { class: 'corner' }), ...DAYS.map((index) => {
      const day = this.monday + index;
      return h('div', { class: day === today ? 'head today' : 'head', title: longDay(day) },
        h('span', { class: 'head-name' }, weekdayName(day)), h('span', { class: 'head-number' }, dayNumber(day)));
    }));
    const hours = Array.from({ length: last - first }, (_, index) => first + index);
    this.gutter.replaceChildren(...hours.map((hour) =>
      h('span', { '--at': hour - first }, clockText(hour * 60))));
    this.columns.forEach((column, index) => {
      const day = this.monday + index;
      column.classList.toggle('today', day === today);
      column.classList.toggle('weekend', index > 4);
      column.setAttribute('aria-label', longDay(day));
    });
    this.#size();
  }

  /** Hours are as tall as the window allows, and never too small to read. */
  #size() {
    const space = this.scroller.clientHeight - this.heads.offsetHeight - 1;
    const hours = this.range.last - this.range.first;
    this.sheet.style.setProperty('--hour', `${Math.max(48, Math.floor((space / hours) * 100) / 100)}px`);
  }

  #drawNow() {
    const wall = toWall(Date.now(), this.zone);
    const column = dayOf(wall) - this.monday;
    const hour = minuteOf(wall) / 60;
    const inside = column >= 0 && column < 7 && hour >= this.range.first && hour < this.range.last;
    this.nowLine.hidden = !inside;
    if (!inside) return;
    this.columns[column].append(this.nowLine);
    this.nowLine.style.setProperty('--at', hour - this.range.first);
  }

  #place(part) {
    const { course } = part;
    const key = `${course.id} ${part.first ? 0 : part.column}`;
    const card = this.#cards.get(key) ?? this.#card(key, course.id);
    const { element } = card;
    if (element.parentElement !== this.columns[part.column]) this.columns[part.column].append(element);
    this.#geometry(element, part);
    this.#dress(card, part);
    return key;
  }

  #geometry(element, { from, to, left, width }) {
    element.style.setProperty('--at', (from - this.range.first * 60) / 60);
    element.style.setProperty('--long', (to - from) / 60);
    element.style.setProperty('--left', left);
    element.style.setProperty('--width', width);
  }

  #card(key, courseId) {
    const element = h('article', { class: 'card', tabIndex: 0, role: 'button', 'data-course': courseId });
    const card = { element, face: '' };
    this.#cards.set(key, card);
    return card;
  }

  #dress(card, part) {
    const { course } = part;
    const { model } = this;
    const look = {
      trainer: course.trainerId && (model.timetable.trainer(course.trainerId)?.name ?? course.trainerId),
      studio: course.studioId && (model.timetable.studio(course.studioId)?.name ?? course.studioId),
      conflicts: (this.conflicting.get(course.id) ?? []).map((conflict) => conflictText(conflict, {
        timetable: model.timetable, zone: model.zone, courseId: course.id,
      })),
      holder: model.holderOf(course.id),
      watchers: model.selections.get(course.id) ?? [],
    };
    const size = part.to - part.from < 40 ? 'short' : part.to - part.from < 60 ? 'middle' : 'tall';
    const states = [
      'card', size, model.selected === course.id && 'selected', model.unsaved.has(course.id) && 'unsaved',
      look.holder && 'locked', look.watchers.length > 0 && 'watched', look.conflicts.length > 0 && 'conflicting',
      part.width <= 0.34 && 'narrow', model.draft === course.id && 'draft', model.editable && part.last && 'editable', !part.last && 'goes-on',
    ].filter(Boolean).join(' ');
    const face = JSON.stringify([course, part.from, part.to, states, look.trainer, look.studio,
      look.conflicts, look.holder?.sessionId, look.watchers.map((person) => person.sessionId)]);
    if (card.face === face) return;
    card.face = face;
    this.#write(card.element, part, look, states);
  }

  #write(element, part, look, states) {
    const { course } = part;
    const lifted = element.classList.contains('lifted') ? ' lifted' : '';
    element.className = states + lifted;
    element.style.setProperty('--c', courseColor(course));
    const mark = look.holder ?? look.watchers[0];
    if (mark) element.style.setProperty('--mark', mark.color);
    const span = `${clockText(part.from)}–${clockText(part.to)}`;
    const tall = part.to - part.from >= 60;
    const label = [
      course.title, longDay(this.monday + part.column), span, look.trainer, look.studio,
      look.conflicts.length > 0 && `Conflict: ${look.conflicts.join(' ')}`,
      look.holder && `${look.holder.name} is moving it`,
    ].filter(Boolean).join(', ');
    element.setAttribute('aria-label', label);
    element.title = label.replaceAll(', ', '\n');
    element.replaceChildren(
      h('div', { class: 'card-title' }, course.title),
      h('div', { class: 'card-line' },
        h('span', { class: 'card-time' }, clockText(part.from), h('span', { class: 'till' }, `–${clockText(part.to)}`)),
        look.trainer && h('span', { class: 'card-who' }, look.trainer),
        !tall && look.studio && h('span', { class: 'card-who' }, look.studio)),
      tall && look.studio ? h('div', { class: 'card-where' }, look.studio) : '',
      look.conflicts.length > 0 ? h('span', { class: 'badge', 'aria-hidden': 'true' }, '!') : '',
      mark ? h('span', { class: 'card-mark' }, avatar(mark, 'tiny')) : '',
      states.includes('editable') ? h('span', { class: 'handle', 'data-handle': 'end' }) : '');
  }

  /** Shows the ghost of a drag: `{title, color, column, from, to, state, note: {when, why, free}}`; null hides it. */
  ghost(shape) {
    for (const element of this.#extra) element.remove();
    this.#extra = [];
    if (!shape) return;
    const { title, color, column, from, to, state, note } = shape;
    const element = h('div', { class: `card ghost ${state}`, '--c': color },
      h('div', { class: 'card-title' }, title), h('div', { class: 'card-line' }, `${clockText(from)}–${clockText(to)}`));
    this.#geometry(element, { from, to, left: 0, width: 1 });
    this.columns[column].append(element);
    this.#extra.push(element);
    if (!note) return;
    const bubble = h('div', { class: `bubble ${state} ${column > 3 ? 'before' : ''}`, role: 'status' },
      h('strong', {}, note.when), note.why, note.free && h('em', {}, note.free));
    bubble.style.setProperty('--at', (from - this.range.first * 60) / 60);
    this.columns[column].append(bubble);
    this.#extra.push(bubble);
  }

  /** Marks the card that is in the hand. */
  lift(courseId, up) {
    for (const [key, { element }] of this.#cards) {
      if (key.startsWith(`${courseId} `)) element.classList.toggle('lifted', up);
    }
  }

  /** Scrolls while something is dragged along an edge. */
  nudge(clientX, clientY) {
    const box = this.scroller.getBoundingClientRect();
    const edge = 48;
    const push = (low, high, at) => (at < low + edge ? -10 : at > high - edge ? 10 : 0);
    this.scroller.scrollBy(push(box.left, box.right, clientX), push(box.top + 30, box.bottom, clientY));
  }

  /** Brings the first class of the day, or the line of now, into view on small screens. */
  reveal(column, hour) {
    const point = this.pointAt({ x: column / 7, y: hour / 24 });
    this.scroller.scrollTo({ left: point.x - 8, top: Math.max(0, point.y - 40) });
  }
}
