// @ts-nocheck: replaced in the next steps
// Pointer gestures on the week: drag a card to move it, its bottom edge to resize it, empty time to
// create. Says what was done through callbacks; draws only the ghost.

import { courseColor } from '../app/color.js';
import { DAY, MINUTE, clockText, dayOf, fromWall, minuteOf, shortDay, toWall, wire } from '../app/time.js';

const SNAP = 15;
const THRESHOLD = 4;
const HOLD_MS = 350;
const NEW_LENGTH = 60;

const snapped = (minute) => Math.round(minute / SNAP) * SNAP;
const floored = (minute) => Math.floor(minute / SNAP) * SNAP;

export class Gestures {
  #drag = null;
  #holdTimer = 0;

  /**
   * `host` gives `grid`, `course(id)`, `editable()`, `held(id)`, and takes `open(id)`, `lift(id)`,
   * `drop(id)`, `ask(op)`, `move(op)`, `draft({startsAt, endsAt})`.
   */
  constructor(host) {
    this.host = host;
    const { days } = host.grid;
    this.stops = [
      listen(days, 'pointerdown', (event) => this.#down(event)),
      listen(days, 'dblclick', (event) => this.#double(event)),
      listen(window, 'pointermove', (event) => this.#move(event)),
      listen(window, 'pointerup', (event) => this.#up(event)),
      listen(window, 'pointercancel', () => this.cancel()),
      listen(window, 'keydown', (event) => event.key === 'Escape' && this.cancel()),
      listen(days, 'touchmove', (event) => this.#drag?.going && event.preventDefault(), { passive: false }),
      listen(days, 'contextmenu', (event) => this.#drag && event.preventDefault()),
    ];
  }

  stop() {
    this.cancel();
    for (const stop of this.stops) stop();
  }

  /** Whether something is in the hand. */
  get busy() {
    return Boolean(this.#drag?.going);
  }

  #down(event) {
    if (event.button !== 0 || this.#drag) return;
    const card = event.target.closest('.card');
    const id = card?.dataset.course;
    const course = id && this.host.course(id);
    if (card && !course) return;
    const mode = !course ? 'create' : event.target.dataset.handle ? 'resize' : 'move';
    const place = this.host.grid.placeAt(event.clientX, event.clientY);
    this.#drag = {
      mode, course, place, x: event.clientX, y: event.clientY, pointer: event.pointerId, going: false,
      allowed: this.host.editable() && !(course && this.host.held(course.id)),
      touch: event.pointerType === 'touch', result: null,
    };
    if (this.#drag.touch && this.#drag.allowed) this.#holdTimer = setTimeout(() => this.#start(), HOLD_MS);
  }

  #start() {
    const drag = this.#drag;
    if (!drag || drag.going) return;
    drag.going = true;
    if (drag.course) {
      const start = toWall(Date.parse(drag.course.startsAt), this.host.grid.zone);
      const end = toWall(Date.parse(drag.course.endsAt), this.host.grid.zone);
      drag.grab = (this.#dayUnder(drag.place) * DAY) / MINUTE + drag.place.minute - start / MINUTE;
      drag.length = (end - start) / MINUTE;
      this.host.grid.lift(drag.course.id, true);
      this.host.lift(drag.course.id);
    }
    document.body.classList.add(`dragging-${drag.mode}`);
    if (drag.touch) navigator.vibrate?.(10);
    this.#to(drag.place);
  }

  #move(event) {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > THRESHOLD;
    if (!drag.going) {
      if (!far) return;
      if (drag.touch || !drag.allowed) {
        this.cancel();
        return;
      }
      this.#start();
    }
    this.host.grid.nudge(event.clientX, event.clientY);
    this.#to(this.host.grid.placeAt(event.clientX, event.clientY));
  }

  #dayUnder({ column }) {
    return this.host.grid.monday + column;
  }

  /** Follows the pointer to a place: works out the new times and shows them. */
  #to(place) {
    const drag = this.#drag;
    const key = JSON.stringify(this.#wanted(place));
    if (key === drag.key) return;
    drag.key = key;
    drag.wanted = JSON.parse(key);
    drag.result = null;
    this.#show();
    if (drag.mode !== 'create') this.host.ask(this.#op());
  }

  /** New wall times in minutes since the epoch. */
  #wanted(place) {
    const drag = this.#drag;
    const at = (this.#dayUnder(place) * DAY) / MINUTE + place.minute;
    if (drag.mode === 'create') {
      const day = (this.#dayUnder(drag.place) * DAY) / MINUTE;
      const anchor = floored(drag.place.minute);
      const here = floored(place.minute);
      const length = here >= anchor ? here + SNAP - anchor : anchor - here;
      return { start: day + Math.min(anchor, here), end: day + Math.min(anchor, here) + length };
    }
    const start = toWall(Date.parse(drag.course.startsAt), this.host.grid.zone) / MINUTE;
    if (drag.mode === 'resize') {
      return { start, end: Math.min(start + 1440, Math.max(start + SNAP, snapped(at))) };
    }
    const day = (this.#dayUnder(place) * DAY) / MINUTE;
    const moved = Math.min(day + 1440 - SNAP, Math.max(day, snapped(at - drag.grab)));
    return { start: moved, end: moved + drag.length };
  }

  #times() {
    const { start, end } = this.#drag.wanted;
    const { zone } = this.host.grid;
    return {
      startsAt: wire(fromWall(start * MINUTE, zone)), endsAt: wire(fromWall(end * MINUTE, zone)),
    };
  }

  #op() {
    return { kind: 'course_move', courseId: this.#drag.course.id, ...this.#times() };
  }

  /** Shows what the service answered about the place under the pointer. */
  answered(result, op, words) {
    const drag = this.#drag;
    if (!drag?.going || op.startsAt !== this.#times().startsAt || op.endsAt !== this.#times().endsAt) return;
    drag.result = { state: result?.error ? 'refused' : result?.warnings?.length ? 'warned' : 'fine', words };
    this.#show();
  }

  #show() {
    const { course, wanted, result } = this.#drag;
    const day = dayOf(wanted.start * MINUTE);
    const from = minuteOf(wanted.start * MINUTE);
    const to = Math.min(1440, from + wanted.end - wanted.start);
    const when = `${shortDay(day)}, ${clockText(from)}–${clockText(to % 1440 || 1440)}`;
    this.host.grid.ghost({
      title: course?.title ?? 'New class', color: course ? courseColor(course) : 'var(--accent)',
      column: Math.min(6, Math.max(0, day - this.host.grid.monday)), from, to,
      state: result?.state ?? 'asking', note: { when, ...result?.words },
    });
  }

  #up(event) {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    const { going, mode, course, wanted } = drag;
    if (!going) {
      this.#clear();
      if (course) this.host.open(course.id);
      return;
    }
    const times = this.#times();
    const same = course && Date.parse(times.startsAt) === Date.parse(course.startsAt)
      && Date.parse(times.endsAt) === Date.parse(course.endsAt);
    const op = course && this.#op();
    this.#clear();
    if (mode === 'create') {
      if (wanted.end - wanted.start > SNAP) this.host.draft(times);
    } else if (same) this.host.drop(course.id);
    else this.host.move(op);
  }

  #double(event) {
    if (!this.host.editable() || event.target.closest('.card')) return;
    const { grid } = this.host;
    const { column, minute } = grid.placeAt(event.clientX, event.clientY);
    const start = (grid.monday + column) * DAY + floored(minute) * MINUTE;
    this.host.draft({
      startsAt: wire(fromWall(start, grid.zone)), endsAt: wire(fromWall(start + NEW_LENGTH * MINUTE, grid.zone)),
    });
  }

  /** Puts back what is in the hand. */
  cancel() {
    const drag = this.#drag;
    if (!drag) return;
    this.#clear();
    if (drag.going && drag.course) this.host.drop(drag.course.id);
  }

  #clear() {
    clearTimeout(this.#holdTimer);
    const drag = this.#drag;
    this.#drag = null;
    this.host.grid.ghost(null);
    if (drag?.course) this.host.grid.lift(drag.course.id, false);
    document.body.classList.remove('dragging-move', 'dragging-resize', 'dragging-create');
  }
}

function listen(target, name, listener, options) {
  target.addEventListener(name, listener, options);
  return () => target.removeEventListener(name, listener, options);
}

/** Moves a course by keyboard: new times as an operation. */
export function stepped(course, { days = 0, minutes = 0 }, zone) {
  const start = toWall(Date.parse(course.startsAt), zone) + days * DAY + minutes * MINUTE;
  const length = toWall(Date.parse(course.endsAt), zone) - toWall(Date.parse(course.startsAt), zone);
  const moved = {
    ...course, startsAt: wire(fromWall(start, zone)), endsAt: wire(fromWall(start + length, zone)),
  };
  return { kind: 'course_move', courseId: course.id, startsAt: moved.startsAt, endsAt: moved.endsAt };
}
