// The elements of the course panel. Builds and reads fields; decides nothing.

import type { Timetable, wire } from '@kyo/collaboration-client';
import { PALETTE, courseColor } from '../app/color.js';
import { h } from '../app/dom.js';
import { type PlainKey, t } from '../language/index.js';
import { FIELDS, type Field, type Values } from './values.js';

/** The choice that asks for a new trainer or studio. */
export const NEW = '\u0000new';

/** The fields that hold a trainer or a studio. */
export const OWNERS = { trainerId: 'trainer', studioId: 'studio' } as const;

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What can be done in the panel. */
export interface FormActions {
  submit(): void;
  changed(): void;
  close(): void;
  remove(): void;
}

/** How the panel is built. */
export interface FormKind {
  isNew: boolean;
  editable: boolean;
}

/** See the module's comment. */
export class Form {
  readonly element: HTMLFormElement;
  readonly inputs: Record<Field, Input>;
  readonly standing = h('div', { class: 'standing' });
  readonly feedback = h('div', { class: 'feedback', role: 'status' });
  #swatches: HTMLButtonElement[];

  constructor({ isNew, editable }: FormKind, actions: FormActions) {
    this.inputs = inputs(!editable);
    this.#swatches = PALETTE.map(([name, color]) => this.#swatch(name, color, actions));
    this.element = h('form', {
      class: 'editor', noValidate: true, 'aria-label': t(isNew ? 'class.new' : editable ? 'class.edit' : 'class.one'),
      onsubmit: (event: Event) => {
        event.preventDefault();
        actions.submit();
      },
      oninput: () => {
        this.#paint();
        actions.changed();
      },
    }, ...this.#rows({ isNew, editable }, actions));
  }

  #rows({ isNew, editable }: FormKind, actions: FormActions): (Node | false)[] {
    const { inputs: input } = this;
    return [
      h('header', {}, h('h2', {}, t(isNew ? 'class.new' : editable ? 'class.edit' : 'class.one')),
        h('button', { class: 'icon', type: 'button', 'aria-label': t('class.close'), onclick: actions.close }, '×')),
      !editable && h('p', { class: 'soft' }, t('class.readOnly')),
      this.standing,
      field('class.title', input.title), field('class.day', input.date),
      h('div', { class: 'pair' }, field('class.from', input.start), field('class.to', input.end)),
      field('class.trainer', input.trainerId), field('class.studio', input.studioId),
      this.feedback,
      h('div', { class: 'pair' }, field('class.places', input.capacity), field('class.tags', input.tags)),
      h('fieldset', { class: 'swatches', disabled: !editable }, h('legend', {}, t('class.colour')), input.color, this.#swatches),
      field('class.notes', input.notes),
      editable && h('footer', {},
        !isNew && h('button', { class: 'danger', type: 'button', onclick: actions.remove }, t('class.delete')),
        h('span', { class: 'grow' }),
        h('button', { class: 'primary', type: 'submit' }, t(isNew ? 'class.add' : 'class.save'))),
    ];
  }

  #swatch(name: string, color: string, actions: FormActions): HTMLButtonElement {
    const label = t(`colour.${name.toLowerCase()}` as PlainKey);
    return h('button', {
      type: 'button', class: 'swatch', title: label, 'aria-label': label, '--c': color, 'data-color': color,
      onclick: () => {
        this.inputs.color.value = color;
        this.#paint();
        actions.changed();
      },
    });
  }

  /** What stands in the fields. */
  get values(): Values {
    return Object.fromEntries(FIELDS.map((name) => [name, this.inputs[name].value])) as Values;
  }

  /** Writes some of the fields. */
  fill(values: Values, names: readonly Field[] = FIELDS): void {
    for (const name of names) this.inputs[name].value = values[name];
    this.#paint();
  }

  #paint(): void {
    const { color, title } = this.inputs;
    this.element.style.setProperty('--c', courseColor({ color: color.value, title: title.value }));
    for (const swatch of this.#swatches) swatch.setAttribute('aria-pressed', String(swatch.dataset.color === color.value));
  }

  /** The trainers and studios to choose from. */
  options(timetable: Timetable, current: { trainerId?: string | null; studioId?: string | null }, editable: boolean): void {
    for (const [name, kind] of Object.entries(OWNERS) as [keyof typeof OWNERS, wire.ResourceKindName][]) {
      const select = this.inputs[name];
      const kept = select.value;
      const known = timetable.resourcesOf(kind).map(({ id, name: label }) => ({ id, label }));
      const odd = current[name];
      if (odd && !known.some(({ id }) => id === odd)) known.push({ id: odd, label: odd });
      select.replaceChildren(
        h('option', { value: '' }, t(kind === 'trainer' ? 'class.noTrainer' : 'class.noStudio')),
        ...known.map(({ id, label }) => h('option', { value: id }, label)),
        ...(editable ? [h('option', { value: NEW }, t(kind === 'trainer' ? 'class.addTrainer' : 'class.addStudio'))] : []));
      select.value = kept;
    }
  }

  /** The first field that is not as it must be. */
  get bad(): Input | null {
    return FIELDS.map((name) => this.inputs[name]).find((input) => !input.checkValidity()) ?? null;
  }
}

function field(label: PlainKey, input: Input): HTMLElement {
  return h('label', { class: 'field' }, h('span', {}, t(label)), input);
}

function inputs(disabled: boolean): Record<Field, Input> {
  const input = (name: Field, properties: Record<string, unknown>) => h('input', { name, disabled, autocomplete: 'off', ...properties });
  return {
    title: input('title', { required: true, maxLength: 200, placeholder: t('class.titleExample') }),
    date: input('date', { type: 'date', required: true }),
    start: input('start', { type: 'time', required: true, step: '300' }),
    end: input('end', { type: 'time', required: true, step: '300' }),
    trainerId: h('select', { name: 'trainerId', disabled }),
    studioId: h('select', { name: 'studioId', disabled }),
    capacity: input('capacity', { type: 'number', min: '1', max: '100000', inputMode: 'numeric' }),
    tags: input('tags', { placeholder: t('class.tagsExample') }),
    color: input('color', { type: 'hidden' }),
    notes: h('textarea', { name: 'notes', rows: 3, maxLength: 4000, disabled }),
  };
}

/** Replaces a choice by a field for a new name until it is given; answers it, or null when it is given up. */
export function askName(select: HTMLElement, label: string): Promise<string | null> {
  const input = h('input', { placeholder: label, maxLength: 100, 'aria-label': label });
  select.hidden = true;
  select.after(input);
  input.focus();
  return new Promise((resolve) => {
    let finished = false;
    const finish = (name: string | null) => {
      if (finished) return;
      finished = true; // taking the field away blurs it, which would finish twice
      resolve(name?.trim() || null);
      input.remove();
      select.hidden = false;
    };
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' && event.key !== 'Enter') return;
      event.preventDefault();
      event.stopPropagation();
      finish(event.key === 'Enter' ? input.value : null);
    });
    input.addEventListener('input', (event) => event.stopPropagation());
    input.addEventListener('blur', () => finish(input.value));
  });
}
