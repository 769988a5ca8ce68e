// The side panel in which one course is read, written or made. Reports operations through its host;
// asks what would come of them while they are being made.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { h } from '../app/dom.js';
import { t } from '../language/index.js';
import { Form, NEW, OWNERS, askName } from './form.js';
import { conflictText } from './reasons.js';
import { type Draft, FIELDS, type Values, createOp, timesOf, updateOp, valuesOf } from './values.js';

/** Something better, in words, and how to take it. */
export interface Offer {
  text: string;
  take(): void;
}

/** What the panel is for. */
export interface EditorHost {
  readonly panel: HTMLElement;
  zone(): string;
  timetable(): Timetable;
  editable(): boolean;
  save(op: wire.Operation, baseVersion: number | undefined): void;
  remove(course: Draft): void;
  ask(op: wire.Operation): void;
  /** The sketch on the grid is another. */
  changed(): void;
  abandoned(title: string, op: wire.Operation): void;
  closed(): void;
  addResource(kind: wire.ResourceKindName, name: string): Promise<string | null>;
  /** Free places for a course that stands in a conflict. */
  ways(course: Draft): Offer[];
}

/** How the feedback looks. */
export type Tone = 'fine' | 'warned' | 'refused' | 'none';

interface Open {
  form: Form;
  course: Draft;
  before: Values;
  isNew: boolean;
}

/** See the module's comment. */
export class Editor {
  #open: Open | null = null;

  constructor(private readonly host: EditorHost) {}

  get courseId(): string | null {
    return this.#open?.course.id ?? null;
  }

  /** What saving now would do, or null: the board draws it as a sketch. */
  get op(): wire.Operation | null {
    const open = this.#open;
    if (!open || !this.host.editable()) return null;
    const { form: { values }, course, before, isNew } = open;
    if (!timesOf(values, this.host.zone()) || Object.values(values).includes(NEW)) return null;
    return isNew ? createOp(course.id, values, this.host.zone(), t('class.new')) : updateOp(course.id, before, values, this.host.zone());
  }

  /** Shows a course, or a draft that becomes one when it is saved. */
  show(course: Draft, isNew = false): void {
    this.#abandon();
    const editable = this.host.editable();
    const form = new Form({ isNew, editable }, {
      submit: () => this.#submit(), changed: () => this.#changed(), close: () => this.hide(), remove: () => this.#remove(),
    });
    const before = valuesOf(course, this.host.zone());
    this.#open = { form, course, before, isNew };
    form.options(this.host.timetable(), course, editable);
    form.fill(before);
    form.element.addEventListener('change', ({ target }) => void this.#chosen(target));
    this.host.panel.replaceChildren(form.element);
    this.host.panel.hidden = false;
    this.#standing();
    if (isNew && editable) form.inputs.title.focus();
    if (isNew) this.#ask();
  }

  /** Closes the panel. */
  hide(): void {
    if (!this.#open) return;
    this.#abandon();
    this.#open = null;
    this.host.panel.hidden = true;
    this.host.panel.replaceChildren();
    this.host.closed();
  }

  /** Leaving without saving is fine, but not silent. */
  #abandon(): void {
    const op = this.#open?.isNew ? null : this.op;
    if (op && this.#open) this.host.abandoned(this.#open.course.title, op);
  }

  /** Follows the timetable: fields nobody touched here take the new values. */
  follow(): void {
    const open = this.#open;
    if (!open || open.isNew) return;
    const now = this.host.timetable().courses.get(open.course.id);
    if (!now) {
      open.before = open.form.values; // deleted by somebody: there is nothing left to save
      this.hide();
      return;
    }
    if (now !== open.course) {
      const fresh = valuesOf(now, this.host.zone());
      const { values } = open.form;
      const untouched = FIELDS.filter((name) => values[name] === open.before[name]);
      Object.assign(open, { course: now, before: fresh });
      open.form.options(this.host.timetable(), now, this.host.editable());
      open.form.fill(fresh, untouched);
    }
    this.#standing();
  }

  /** Takes a place that was offered. */
  take({ startsAt, endsAt, trainerId, studioId }: wire.Suggestion): void {
    const open = this.#open;
    if (!open) return;
    const place = valuesOf({ ...open.course, startsAt, endsAt }, this.host.zone());
    const { values } = open.form;
    open.form.fill({
      ...values, date: place.date, start: place.start, end: place.end,
      ...(trainerId !== undefined && { trainerId: trainerId ?? '' }), ...(studioId !== undefined && { studioId: studioId ?? '' }),
    });
    this.#changed();
  }

  /** Shows what would come of saving now. */
  feedback(tone: Tone, text: string, offers: readonly Offer[] = []): void {
    const element = this.#open?.form.feedback;
    if (!element) return;
    element.className = `feedback ${tone}`;
    element.replaceChildren(...(text ? [h('p', {}, text)] : []), ...chips(offers));
  }

  #standing(): void {
    const open = this.#open;
    if (!open) return;
    const timetable = this.host.timetable();
    const conflicts = timetable.conflictsOf(open.course.id);
    const told = conflicts.map((conflict) => conflictText(conflict, { timetable, zone: this.host.zone(), courseId: open.course.id }));
    const ways = conflicts.length > 0 && this.host.editable() ? this.host.ways(open.course) : [];
    const key = JSON.stringify([told, ways.map(({ text }) => text)]);
    if (open.form.standing.dataset.key === key) return;
    open.form.standing.dataset.key = key;
    open.form.standing.replaceChildren(...told.map((text) => h('p', {}, text)), ...chips(ways));
  }

  #changed(): void {
    this.host.changed();
    this.#ask();
  }

  #ask(): void {
    const { op } = this;
    if (op) this.host.ask(op);
    else this.feedback('none', '');
  }

  async #chosen(target: EventTarget | null): Promise<void> {
    const open = this.#open;
    if (!open || !(target instanceof HTMLSelectElement) || target.value !== NEW) return;
    const kind = OWNERS[target.name as keyof typeof OWNERS];
    target.value = '';
    const name = await askName(target, t(kind === 'trainer' ? 'class.newTrainer' : 'class.newStudio'));
    const id = name && await this.host.addResource(kind, name);
    if (!id || this.#open !== open) return;
    open.form.options(this.host.timetable(), open.course, true);
    target.value = id;
    this.#changed();
  }

  #remove(): void {
    const open = this.#open;
    if (!open) return;
    open.before = open.form.values;
    this.host.remove(open.course);
  }

  #submit(): void {
    const open = this.#open;
    if (!open) return;
    const { form, course, isNew } = open;
    const bad = form.bad ?? (timesOf(form.values, this.host.zone()) ? null : form.inputs.end);
    if (bad) {
      bad.focus();
      this.feedback('refused', t(bad.name === 'title' ? 'class.needsTitle' : 'class.check'));
      return;
    }
    const { op } = this;
    open.before = form.values; // nothing is abandoned
    open.isNew = true;
    this.hide();
    if (op) this.host.save(op, isNew || op.kind === 'batch' ? undefined : course.version);
  }
}

function chips(offers: readonly Offer[]): HTMLElement[] {
  if (offers.length === 0) return [];
  return [h('div', { class: 'offers' }, h('span', {}, t('class.suggest')), offers.map(({ text, take }) =>
    h('button', { class: 'chip strong', type: 'button', onclick: take }, text)))];
}
