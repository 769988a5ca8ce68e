// The bar above the grid: what is shown, which days, and the buttons to turn and to choose. Draws
// and reports; decides nothing.

import type { Timetable } from '@kyo/collaboration-client';
import { type Lens, type View, daysOf } from '../grid/view.js';
import { t } from '../language/index.js';
import { byId, h, listen } from './dom.js';
import type { Act } from './keys.js';
import { dayNumber, fullDay, longDay, mondayOf, weekLabel, weekdayName } from './time.js';

/** What the bar reports. */
export interface BarHost {
  act(name: Act): void;
  only(value: string): void;
  day(day: number): void;
}

/** What the bar shows. */
export interface BarFacts {
  name: string;
  zone: string;
  editable: boolean;
  joined: boolean;
  view: View;
  today: number;
  narrow: boolean;
  timetable: Timetable;
}

/** See the module's comment. */
export class Bar {
  #stops: (() => void)[];
  #options = '';

  constructor(host: BarHost) {
    const board = byId('board');
    const filter = byId<HTMLSelectElement>('filter');
    this.#stops = [
      listen<MouseEvent>(board, 'click', ({ target }) => {
        const act = target instanceof Element ? target.closest<HTMLElement>('[data-act]')?.dataset.act : undefined;
        const day = target instanceof Element ? target.closest<HTMLElement>('[data-go]')?.dataset.go : undefined;
        if (act) byId('menu').hidePopover();
        if (act) host.act(act as Act);
        if (day) host.day(Number(day));
      }),
      listen(filter, 'change', () => host.only(filter.value)),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** The label of what is shown. */
  static label({ view, narrow }: Pick<BarFacts, 'view' | 'narrow'>): string {
    if (view.lens !== 'week') return fullDay(view.day);
    return narrow ? longDay(view.day) : weekLabel(mondayOf(view.day));
  }

  draw(facts: BarFacts): void {
    const { name, zone, editable, joined, view } = facts;
    write('room-name', name);
    write('room-zone', name && [zone.replaceAll('_', ' '), !editable && t('bar.viewOnly')].filter(Boolean).join(' · '));
    write('week-label', Bar.label(facts));
    if (name) document.title = `${name} · Kyo`;
    byId('edit-tools').hidden = !editable;
    byId('new-class').hidden = !editable;
    byId('board').classList.toggle('read-only', joined && !editable);
    for (const lens of ['week', 'studio', 'trainer'] satisfies Lens[]) {
      document.querySelector(`.lens [data-act=${lens}]`)?.setAttribute('aria-pressed', String(view.lens === lens));
    }
    write('lens-week', t(facts.narrow ? 'view.day' : 'view.week'));
    this.#turning(facts);
    this.#strip(facts);
    this.#filter(facts);
  }

  #turning({ view, narrow }: BarFacts): void {
    const days = view.lens !== 'week' || narrow;
    for (const [act, week, day] of [['previous', 'view.previousWeek', 'view.previousDay'], ['next', 'view.nextWeek', 'view.nextDay']] as const) {
      const label = t(days ? day : week);
      const button = document.querySelector<HTMLElement>(`.week-nav [data-act=${act}]`);
      button?.setAttribute('aria-label', label);
      if (button) button.title = `${label} (${act === 'next' ? 'N' : 'P'})`;
    }
  }

  /** On small screens: the days of the week to go to. */
  #strip({ view, today, narrow }: BarFacts): void {
    const strip = byId('day-strip');
    strip.hidden = !narrow;
    const key = narrow ? [view.day, today, weekdayName(view.day)].join() : '';
    if (strip.dataset.key === key) return;
    strip.dataset.key = key;
    strip.replaceChildren(...(narrow ? daysOf({ ...view, lens: 'week' }, false) : []).map((day) => h('button', {
      type: 'button', class: day === today ? 'today' : '', 'data-go': day, title: longDay(day),
      ...(day === view.day && { 'aria-current': 'date' }),
    }, h('small', {}, weekdayName(day)), ' ', h('span', {}, dayNumber(day)))));
  }

  #filter({ timetable, view }: BarFacts): void {
    const groups = (['studio', 'trainer'] as const).map((kind) => ({ kind, list: timetable.resourcesOf(kind) }));
    const select = byId<HTMLSelectElement>('filter');
    const key = JSON.stringify([t('view.everything'), groups.map(({ list }) => list.map(({ id, name }) => [id, name]))]);
    if (key !== this.#options) {
      this.#options = key;
      select.replaceChildren(h('option', { value: '' }, t('view.everything')), ...groups.map(({ kind, list }) =>
        h('optgroup', { label: t(kind === 'studio' ? 'view.studios' : 'view.trainers') },
          list.map(({ id, name }) => h('option', { value: `${kind}:${id}` }, name)))));
    }
    if (select.value !== view.only) select.value = view.only;
  }
}

function write(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
