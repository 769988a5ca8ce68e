// @ts-nocheck: replaced in the next steps
// The side panel in which one course is read, written or made. Reports operations through `host`;
// asks for live conflict feedback while times, trainer or studio change.

import { PALETTE, courseColor } from '../app/color.js';
import { h } from '../app/dom.js';
import {
  DAY, MINUTE, clockText, dateText, dayOf, fromWall, minuteOf, parseClock, parseDate, toWall, wire,
} from '../app/time.js';
import { conflictText } from './reasons.js';

const NEW = '\u0000new';
const KINDS = { trainerId: 'trainer', studioId: 'studio' };

/** The form's values of a course. */
export function valuesOf(course, zone) {
  const start = toWall(Date.parse(course.startsAt), zone);
  const end = toWall(Date.parse(course.endsAt), zone);
  return {
    title: course.title ?? '', date: dateText(dayOf(start)),
    start: clockText(minuteOf(start)), end: clockText(minuteOf(end)),
    trainerId: course.trainerId ?? '', studioId: course.studioId ?? '',
    capacity: course.capacity ? String(course.capacity) : '', color: course.color ?? '',
    notes: course.notes ?? '', tags: (course.tags ?? []).join(', '),
  };
}

/** Times on the wire of the form's values, or null when they are not complete. */
export function timesOf(values, zone) {
  const day = parseDate(values.date);
  const start = parseClock(values.start);
  const end = parseClock(values.end);
  if (day === null || start === null || end === null || start === end) return null;
  const until = end > start ? end : end + 1440; // past midnight
  return {
    startsAt: wire(fromWall(day * DAY + start * MINUTE, zone)),
    endsAt: wire(fromWall(day * DAY + until * MINUTE, zone)),
  };
}

/** The course fields of changed form values. */
export function fieldsOf(values, names) {
  const fields = {};
  for (const name of names) {
    const value = values[name].trim();
    if (name === 'title') fields.title = value;
    else if (name === 'capacity') fields.capacity = value === '' ? null : Number(value);
    else if (name === 'tags') fields.tags = value.split(',').map((tag) => tag.trim()).filter(Boolean);
    else if (!['date', 'start', 'end'].includes(name)) fields[name] = value === '' ? null : value;
  }
  return fields;
}

/** The one operation that turns `course` into what the form says, or null when nothing changed. */
export function opOf(course, before, values, zone) {
  const changed = Object.keys(values).filter((name) => values[name].trim() !== before[name].trim());
  const timed = changed.some((name) => ['date', 'start', 'end'].includes(name));
  const patch = fieldsOf(values, changed);
  if (!timed) {
    return Object.keys(patch).length === 0 ? null : { kind: 'course_update', courseId: course.id, patch };
  }
  const move = { kind: 'course_move', courseId: course.id, ...timesOf(values, zone) };
  for (const name of Object.keys(KINDS)) {
    if (!(name in patch)) continue;
    move[name] = patch[name];
    delete patch[name];
  }
  if (Object.keys(patch).length === 0) return move;
  return { kind: 'batch', ops: [move, { kind: 'course_update', courseId: course.id, patch }] };
}

export class Editor {
  #form = null;
  #before = null;
  #course = null;
  #isNew = false;
  #saved = false;

  /** `host`: `panel`, `zone()`, `timetable()`, `editable()`, `save(op, baseVersion)`, `remove(course)`, `ask(op)`, `changed()`, `abandoned(title, op)`, `closed()`, `addResource(kind, name)`. */
  constructor(host) {
    this.host = host;
  }

  get courseId() {
    return this.#course?.id ?? null;
  }

  get open() {
    return this.#form !== null;
  }

  /** What saving now would do, or null: the board draws it as a sketch. */
  get op() {
    if (!this.open || !this.host.editable()) return null;
    const op = this.#op();
    if (op?.kind === 'course_create' && !op.course.title) op.course.title = 'New class';
    return op;
  }

  /** Shows a course, or a draft (without a version) that becomes one when it is saved. */
  show(course, isNew = false) {
    this.#abandon();
    this.#course = course;
    this.#isNew = isNew;
    this.#before = valuesOf(course, this.host.zone());
    this.#form = this.#build();
    this.host.panel.replaceChildren(this.#form);
    this.host.panel.hidden = false;
    this.host.panel.setAttribute('aria-label', isNew ? 'New class' : 'Class');
    this.#fill(this.#before, Object.keys(this.#before));
    this.#conflicts();
    if (isNew && this.host.editable()) this.#form.elements.title.focus();
    if (isNew) this.#ask();
  }

  hide() {
    if (!this.open) return;
    this.#abandon();
    this.#form = null;
    this.#course = null;
    this.host.panel.hidden = true;
    this.host.panel.replaceChildren();
    this.host.closed();
  }

  /** Leaving without saving is fine, but not silent. */
  #abandon() {
    const op = this.#isNew ? null : this.op;
    if (op && !this.#saved) this.host.abandoned(this.#course.title, op);
    this.#saved = false;
  }

  /** Follows the timetable: fields nobody touched here take the new values. */
  follow() {
    if (!this.open || this.#isNew) return;
    const now = this.host.timetable().courses.get(this.#course.id);
    if (!now) {
      this.hide();
      return;
    }
    if (now === this.#course) {
      this.#conflicts();
      return;
    }
    const values = this.#values();
    const fresh = valuesOf(now, this.host.zone());
    const untouched = Object.keys(fresh).filter((name) => values[name] === this.#before[name]);
    this.#course = now;
    this.#before = fresh;
    this.#options();
    this.#fill(fresh, untouched);
    this.#conflicts();
  }

  #values() {
    const { elements } = this.#form;
    const values = {};
    for (const name of Object.keys(this.#before)) values[name] = elements[name].value;
    return values;
  }

  #fill(values, names) {
    for (const name of names) this.#form.elements[name].value = values[name];
    this.#form.style.setProperty('--c', courseColor({ color: this.#form.elements.color.value, title: values.title }));
  }

  #build() {
    const locked = !this.host.editable();
    const field = (label, input, wide = true) => h('label', { class: wide ? 'field' : 'field part' }, h('span', {}, label), input);
    const input = (name, properties) => h('input', { name, disabled: locked, autocomplete: 'off', ...properties });
    this.note = h('p', { class: 'feedback', role: 'status' });
    this.standing = h('ul', { class: 'standing' });
    this.choices = {
      trainerId: h('select', { name: 'trainerId', disabled: locked }),
      studioId: h('select', { name: 'studioId', disabled: locked }),
    };
    this.#options();
    return h('form', {
      class: 'editor', novalidate: true,
      onsubmit: (event) => this.#submit(event),
      oninput: () => this.#changed(),
      onchange: (event) => this.#chosen(event.target),
    },
    h('header', {}, h('h2', {}, this.#isNew ? 'New class' : locked ? 'Class' : 'Edit class'),
      h('button', { class: 'icon', type: 'button', 'aria-label': 'Close', onclick: () => this.hide() }, '×')),
    locked && h('p', { class: 'soft' }, 'You can look, but not change this timetable.'),
    this.standing,
    field('Title', input('title', { required: true, maxLength: 200, placeholder: 'Morning flow' })),
    field('Day', input('date', { type: 'date', required: true })),
    h('div', { class: 'pair' },
      field('From', input('start', { type: 'time', required: true, step: 300 }), false),
      field('To', input('end', { type: 'time', required: true, step: 300 }), false)),
    field('Trainer', this.choices.trainerId),
    field('Studio', this.choices.studioId),
    this.note,
    h('div', { class: 'pair' },
      field('Places', input('capacity', { type: 'number', min: 1, max: 100000, inputMode: 'numeric' }), false),
      field('Tags', input('tags', { placeholder: 'beginners, hot' }), false)),
    h('fieldset', { class: 'swatches', disabled: locked }, h('legend', {}, 'Colour'), h('input', { type: 'hidden', name: 'color' }),
      PALETTE.map(([name, color]) => h('button', {
        type: 'button', class: 'swatch', title: name, 'aria-label': name, '--c': color,
        onclick: () => this.#paint(color),
      }))),
    field('Notes', h('textarea', { name: 'notes', rows: 3, maxLength: 4000, disabled: locked })),
    !locked && h('footer', {},
      !this.#isNew && h('button', { class: 'danger', type: 'button', onclick: () => {
        this.#saved = true;
        this.host.remove(this.#course);
      } }, 'Delete'),
      h('span', { class: 'grow' }),
      h('button', { class: 'primary', type: 'submit' }, this.#isNew ? 'Add class' : 'Save')));
  }

  #options() {
    const timetable = this.host.timetable();
    for (const [name, kind] of Object.entries(KINDS)) {
      const select = this.choices[name];
      const kept = select.value;
      const known = timetable.resourcesOf(kind);
      const odd = [this.#course?.[name]].filter((id) => id && !known.some((resource) => resource.id === id));
      select.replaceChildren(
        h('option', { value: '' }, kind === 'trainer' ? 'No trainer' : 'No studio'),
        ...known.map((resource) => h('option', { value: resource.id }, resource.name)),
        ...odd.map((id) => h('option', { value: id }, id)),
        ...(this.host.editable() ? [h('option', { value: NEW }, `Add a ${kind}…`)] : []));
      select.value = kept;
    }
  }

  #paint(color) {
    this.#form.elements.color.value = color;
    this.#changed();
  }

  async #chosen(target) {
    const kind = KINDS[target.name];
    if (!kind || target.value !== NEW) return;
    const field = h('input', { placeholder: `Name of the ${kind}`, maxLength: 100, 'aria-label': `Name of the new ${kind}` });
    let finished = false;
    const finish = async () => {
      if (finished) return;
      finished = true; // taking the field away blurs it, which would finish twice
      const name = field.value.trim();
      field.remove();
      target.hidden = false;
      target.value = '';
      if (!name) return;
      const id = await this.host.addResource(kind, name);
      if (!id || !this.open) return;
      this.#options();
      target.value = id;
      this.#changed();
    };
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') field.value = '';
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      finish();
    });
    field.addEventListener('blur', finish);
    target.hidden = true;
    target.after(field);
    field.focus();
  }

  #changed() {
    const { color, title } = this.#form.elements;
    this.#form.style.setProperty('--c', courseColor({ color: color.value, title: title.value }));
    for (const swatch of this.#form.querySelectorAll('.swatch')) {
      swatch.setAttribute('aria-pressed', String(swatch.style.getPropertyValue('--c') === color.value));
    }
    this.host.changed();
    this.#ask();
  }

  #op() {
    const values = this.#values();
    const zone = this.host.zone();
    if (!timesOf(values, zone)) return null;
    if (!this.#isNew) return opOf(this.#course, this.#before, values, zone);
    const fields = fieldsOf(values, Object.keys(values).filter((name) => values[name] !== ''));
    return { kind: 'course_create', course: { id: this.#course.id, ...fields, ...timesOf(values, zone) } };
  }

  #ask() {
    const { op } = this;
    if (op && !Object.values(this.#values()).includes(NEW)) this.host.ask(op);
  }

  /** Shows what the service would say to saving now. */
  feedback(state, text) {
    if (!this.open) return;
    this.note.className = `feedback ${state}`;
    this.note.textContent = text;
  }

  #conflicts() {
    const timetable = this.host.timetable();
    const context = { timetable, zone: this.host.zone(), courseId: this.#course.id };
    this.standing.replaceChildren(...timetable.conflictsOf(this.#course.id)
      .map((conflict) => h('li', {}, conflictText(conflict, context))));
  }

  #submit(event) {
    event.preventDefault();
    const op = this.#op();
    const bad = [...this.#form.elements].find((element) => !element.checkValidity());
    if (bad || (!op && !timesOf(this.#values(), this.host.zone()))) {
      (bad ?? this.#form.elements.end).focus();
      this.feedback('refused', bad?.name === 'title' ? 'Give the class a title.' : 'Please check the marked field.');
      return;
    }
    const base = this.#isNew || op?.kind === 'batch' ? undefined : this.#course.version;
    this.#saved = true;
    this.hide();
    if (op) this.host.save(op, base);
  }
}
