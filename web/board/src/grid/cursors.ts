// @ts-nocheck: replaced in the next steps
// Pointers of other people over the week, and sending our own. A pointer is `x` in fractions of the
// seven columns and `y` in fractions of the whole day, so that boards with different hours, sizes and
// scroll positions agree; `componentId` is the Monday of the week it is over.

import { inkOn } from '../app/color.js';
import { h } from '../app/dom.js';

const SMOOTH_MS = 55;
const STILL_MS = 20_000;

export class Cursors {
  #arrows = new Map();
  #frame = 0;
  #then = 0;

  constructor({ grid, people, send }) {
    Object.assign(this, { grid, people, send });
    this.move = (event) => this.#moved(event);
    this.gone = () => this.send({ x: 0, y: 0, componentType: 'none' });
    grid.days.addEventListener('pointermove', this.move);
    grid.days.addEventListener('pointerleave', this.gone);
    this.sweep = setInterval(() => this.draw(), STILL_MS / 4);
  }

  stop() {
    clearInterval(this.sweep);
    cancelAnimationFrame(this.#frame);
    this.grid.days.removeEventListener('pointermove', this.move);
    this.grid.days.removeEventListener('pointerleave', this.gone);
    for (const { element } of this.#arrows.values()) element.remove();
    this.#arrows.clear();
  }

  #moved(event) {
    if (event.pointerType === 'touch') return;
    const { x, y } = this.grid.fractionAt(event.clientX, event.clientY);
    const round = (value) => Math.round(value * 1e4) / 1e4;
    this.send({
      x: round(x), y: round(y), componentId: this.grid.weekKey, componentType: 'week',
    });
  }

  /** Takes the people's cursors as they are now. */
  draw() {
    const now = performance.now();
    const present = new Set();
    for (const person of this.people.others) {
      const { cursor } = person;
      if (!cursor || cursor.componentType !== 'week' || cursor.componentId !== this.grid.weekKey) continue;
      present.add(person.sessionId);
      const arrow = this.#arrows.get(person.sessionId) ?? this.#made(person, cursor);
      if (arrow.to.x !== cursor.x || arrow.to.y !== cursor.y) {
        arrow.to = { x: cursor.x, y: cursor.y };
        arrow.movedAt = now;
      }
      arrow.element.classList.toggle('still', now - arrow.movedAt > STILL_MS);
    }
    for (const [id, { element }] of this.#arrows) {
      if (present.has(id)) continue;
      element.remove();
      this.#arrows.delete(id);
    }
    this.#wake();
  }

  #made(person, { x, y }) {
    const element = h('div', {
      class: 'cursor', '--ground': person.color, '--on-ground': inkOn(person.color), 'data-user': person.userId,
      'aria-hidden': 'true',
    }, h('span', {}, person.name));
    this.grid.cursorLayer.append(element);
    const arrow = { element, at: { x, y }, to: { x, y }, movedAt: performance.now() };
    this.#arrows.set(person.sessionId, arrow);
    return arrow;
  }

  #wake() {
    if (this.#frame || this.#arrows.size === 0) return;
    this.#then = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#step(now));
  }

  /** Moves each arrow a part of the way; sleeps when all have arrived. */
  #step(now) {
    const part = 1 - Math.exp(-(now - this.#then) / SMOOTH_MS);
    this.#then = now;
    let moving = false;
    for (const { element, at, to } of this.#arrows.values()) {
      at.x += (to.x - at.x) * part;
      at.y += (to.y - at.y) * part;
      if (Math.abs(to.x - at.x) + Math.abs(to.y - at.y) < 2e-4) Object.assign(at, to);
      else moving = true;
      const place = this.grid.pointAt(at);
      element.style.transform = `translate(${place.x}px, ${place.y}px)`;
      element.classList.toggle('flip', place.x > this.grid.width - 110);
    }
    this.#frame = moving ? requestAnimationFrame((next) => this.#step(next)) : 0;
  }
}
