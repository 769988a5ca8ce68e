// The cards of courses: one element a course and day, touched only where something about it differs.

import type { wire } from '@kyo/collaboration-client';
import { avatar } from '../panels/avatar.js';
import { courseColor } from '../app/color.js';
import { h } from '../app/dom.js';
import { clockText, longDay } from '../app/time.js';
import { conflictText } from '../editor/reasons.js';
import { t } from '../language/index.js';
import type { Placed } from './layout.js';
import type { Colleague, Model } from './model.js';

interface Card {
  element: HTMLElement;
  /** What it shows and where: compared one by one, so that an untouched card costs next to nothing. */
  face: readonly unknown[];
  spot: readonly unknown[];
}

/** What all cards of one drawing share. */
export interface Scene {
  model: Model;
  /** Standing conflicts by course. */
  conflicts: ReadonlyMap<string, readonly wire.Conflict[]>;
  firstHour: number;
}

interface Look {
  /** Trainer and studio by name, as far as the column does not say them. */
  shown: readonly string[];
  /** The one that the column says. */
  implied: string | null;
  conflicts: readonly wire.Conflict[];
  holder: Colleague | null;
  watcher: Colleague | null;
  states: string;
}

const NONE: readonly never[] = [];

/** The name of a card among all. */
const keyOf = (part: Placed) => `${part.course.id} ${part.first ? 0 : part.day}`;

/** See the module's comment. */
export class Cards {
  #cards = new Map<string, Card>();

  /** The card of a course, on its first day. */
  of(courseId: string): HTMLElement | undefined {
    return this.#cards.get(`${courseId} 0`)?.element;
  }

  /** Draws one column and answers the keys of its cards. */
  draw(parts: readonly Placed[], into: HTMLElement, scene: Scene): string[] {
    return parts.map((part) => {
      const key = keyOf(part);
      const card = this.#cards.get(key) ?? this.#made(key, part.course.id);
      if (card.element.parentElement !== into) into.append(card.element);
      place(card, part, scene.firstHour);
      dress(card, part, lookOf(part, scene), scene);
      return key;
    });
  }

  /** Takes away every card but these. */
  keep(kept: ReadonlySet<string>): void {
    for (const [key, { element }] of this.#cards) {
      if (kept.has(key)) continue;
      element.remove();
      this.#cards.delete(key);
    }
  }

  /** Marks the card that is in the hand. */
  lift(courseId: string, up: boolean): void {
    for (const [key, { element }] of this.#cards) {
      if (key.startsWith(`${courseId} `)) element.classList.toggle('lifted', up);
    }
  }

  /** Lets a card light up once, because a colleague changed it. */
  flash(courseId: string, color: string): void {
    const element = this.of(courseId);
    if (!element) return;
    element.style.setProperty('--flash', color);
    element.classList.remove('changed');
    requestAnimationFrame(() => element.classList.add('changed'));
  }

  #made(key: string, courseId: string): Card {
    const element = h('div', { class: 'card', tabIndex: -1, role: 'button', 'data-course': courseId });
    const card = { element, face: NONE, spot: NONE };
    element.addEventListener('animationend', () => element.classList.remove('changed'));
    this.#cards.set(key, card);
    return card;
  }
}

const same = (one: readonly unknown[], other: readonly unknown[]) =>
  one.length === other.length && one.every((value, index) => value === other[index]);

function place(card: Card, { from, to, left, width }: Placed, firstHour: number): void {
  const spot = [from, to, left, width, firstHour];
  if (same(card.spot, spot)) return;
  card.spot = spot;
  setSpot(card.element, { from, to, left, width }, firstHour);
}

/** Puts an element over a stretch of a column. */
export function setSpot(element: HTMLElement, { from, to, left, width }: { from: number; to: number; left: number; width: number }, firstHour: number): void {
  element.style.setProperty('--at', String((from - firstHour * 60) / 60));
  element.style.setProperty('--long', String((to - from) / 60));
  element.style.setProperty('--left', String(left));
  element.style.setProperty('--width', String(width));
}

function lookOf(part: Placed, scene: Scene): Look {
  const { course } = part;
  const { model } = scene;
  const conflicts = scene.conflicts.get(course.id) ?? NONE;
  const { timetable } = model;
  const holder = model.holderOf(course.id);
  const watcher = model.watchers.get(course.id)?.[0] ?? null;
  const trainer = course.trainerId ? timetable.trainer(course.trainerId)?.name ?? course.trainerId : null;
  const studio = course.studioId ? timetable.studio(course.studioId)?.name ?? course.studioId : null;
  const { lens } = model.view;
  return {
    shown: [lens === 'trainer' ? null : trainer, lens === 'studio' ? null : studio].filter((name) => name !== null),
    implied: lens === 'trainer' ? trainer : lens === 'studio' ? studio : null,
    conflicts, holder, watcher, states: statesOf(part, model, holder, watcher, conflicts.length > 0),
  };
}

function statesOf(part: Placed, model: Model, holder: Colleague | null, watcher: Colleague | null, clash: boolean): string {
  const minutes = part.to - part.from;
  const { id } = part.course;
  return [
    'card', minutes < 40 ? 'short' : minutes < 60 ? 'middle' : 'tall', part.width <= 0.34 && 'narrow',
    model.selected === id && 'selected', model.unsaved.has(id) && 'unsaved', model.draft === id && 'draft',
    holder && 'locked', watcher && 'watched', clash && 'conflicting',
    model.editable && part.last && 'editable', !part.last && 'goes-on',
  ].filter(Boolean).join(' ');
}

function dress(card: Card, part: Placed, look: Look, { model }: Scene): void {
  const face = [
    part.course, part.from, part.to, part.day, look.states, look.shown.join('\n'), look.implied, look.holder?.sessionId,
    look.watcher?.sessionId, t('class.one'), ...look.conflicts,
  ];
  const marks = (look.holder ?? look.watcher)?.color ?? '';
  if (same(card.face, [...face, marks])) return;
  card.face = [...face, marks];
  write(card.element, part, look, model);
}

function write(element: HTMLElement, part: Placed, look: Look, model: Model): void {
  const { course } = part;
  const kept = ['lifted', 'changed'].filter((name) => element.classList.contains(name));
  element.className = [look.states, ...kept].join(' ');
  element.style.setProperty('--c', courseColor(course));
  const mark = look.holder ?? look.watcher;
  if (mark) element.style.setProperty('--mark', mark.color);
  const label = labelOf(part, look, model);
  element.setAttribute('aria-label', label.join(', '));
  element.title = label.join('\n');
  element.replaceChildren(...inside(part, look, mark));
}

/** Begins with what stands on the card, in that order, so that one who speaks to the page can say what they see. */
function labelOf({ course, from, to, day }: Placed, look: Look, { timetable, zone }: Model): string[] {
  const why = look.conflicts.map((each) => conflictText(each, { timetable, zone, courseId: course.id }));
  return [
    course.title, ...look.shown, look.implied, longDay(day), `${clockText(from)}–${clockText(to)}`,
    why.length > 0 && t('card.conflict', { text: why.join(' ') }),
    look.holder && t('card.held', { name: look.holder.name }),
    look.watcher && !look.holder && t('card.watched', { name: look.watcher.name }),
    look.states.includes(' unsaved') && t('card.unsaved'),
  ].filter((text): text is string => Boolean(text));
}

function inside({ course, from, to }: Placed, look: Look, mark: Colleague | null): (Node | string)[] {
  const beside = to - from >= 60 ? look.shown.slice(0, 1) : look.shown;
  const below = look.shown[beside.length];
  const lines: (Node | false | null | '')[] = [
    h('div', { class: 'card-title' }, course.title),
    h('div', { class: 'card-line' },
      h('span', { class: 'card-time', 'data-from': clockText(from), 'data-till': `–${clockText(to)}` }),
      beside.map((name) => [' ', h('span', { class: 'card-who' }, name)])),
    below !== undefined && h('div', { class: 'card-where' }, below),
    look.conflicts.length > 0 && h('span', { class: 'badge' }, '!'),
    mark && h('span', { class: 'card-mark' }, avatar(mark, 'tiny')),
    look.states.includes('editable') && h('span', { class: 'handle', 'data-handle': 'end' }),
  ];
  return lines.flatMap((line) => (line ? [line, ' '] : []));
}
