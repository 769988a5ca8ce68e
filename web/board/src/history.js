// The drawer that tells who did what and when, newest first.

import { h } from './app/dom.js';
import { avatar } from './people.js';
import { agoText } from './app/time.js';
import { eventText } from './eventtext.js';

const PAGE = 50;

export class History {
  #events = [];
  #titles = new Map();
  #more = false;
  #list = null;

  /** `host`: `panel`, `room`, `people`, `undo(opId)`, `restore(seq)`, `closed()`. */
  constructor(host) {
    this.host = host;
  }

  get open() {
    return this.#list !== null;
  }

  async show() {
    const { panel } = this.host;
    this.#list = h('ol', { class: 'history-list' });
    this.older = h('button', { class: 'plain', type: 'button', hidden: true, onclick: () => this.#load() }, 'Older');
    panel.replaceChildren(h('div', { class: 'history' },
      h('header', {}, h('h2', {}, 'History'),
        h('button', { class: 'icon', type: 'button', 'aria-label': 'Close', onclick: () => this.hide() }, '×')),
      this.#list, this.older));
    panel.hidden = false;
    panel.setAttribute('aria-label', 'History');
    this.#events = [];
    await this.#load();
  }

  hide() {
    if (!this.open) return;
    this.#list = null;
    this.host.panel.hidden = true;
    this.host.panel.replaceChildren();
    this.host.closed();
  }

  /** Keeps titles of courses that may be gone when their history is read, and adds new lines. */
  saw({ event, before }) {
    if (before) this.#titles.set(before.id, before.title);
    this.#learn(event);
    if (!this.open || this.#events[0]?.seq >= event.seq) return;
    this.#events.unshift(event);
    this.#draw();
  }

  async #load() {
    const before = this.#events.at(-1)?.seq;
    try {
      const page = await this.host.room.history({ limit: PAGE, ...(before ? { before } : {}) });
      const known = new Set(this.#events.map(({ seq }) => seq));
      this.#events.push(...page.events.filter(({ seq }) => !known.has(seq)));
      this.#events.sort((a, b) => b.seq - a.seq);
      for (const event of page.events) this.#learn(event);
      this.#more = page.hasMore;
      this.#draw();
    } catch (error) {
      if (this.open && this.#events.length === 0) {
        this.#list.replaceChildren(h('li', { class: 'soft' }, `The history could not be read. ${error.message}`));
      }
    }
  }

  #learn({ kind, data }) {
    const note = (inner) => {
      if (inner.kind === 'course_create') this.#titles.set(inner.course.id, inner.course.title);
      if (inner.patch?.title && !this.#titles.has(inner.courseId)) this.#titles.set(inner.courseId, inner.patch.title);
      for (const each of inner.ops ?? []) note(each);
    };
    note({ kind, ...data });
  }

  #draw() {
    if (!this.open) return;
    const { room, people } = this.host;
    const context = {
      zone: room.record.timezone, timetable: room.timetable,
      undone: new Set(this.#events.map(({ undoes }) => undoes)),
      undos: new Set(this.#events.filter(({ undoes }) => undoes).map(({ opId }) => opId)),
      title: (id) => room.timetable.courses.get(id)?.title ?? this.#titles.get(id) ?? 'a class',
    };
    this.#list.replaceChildren(...this.#events.map((event) => this.#line(event, context, people)));
    this.older.hidden = !this.#more;
  }

  #line(event, context, people) {
    const { verb, subject, detail } = eventText(event, context);
    const mine = event.userId === people.me.userId;
    const { room } = this.host;
    const reason = (event.override ?? event.data?.override)?.reason;
    return h('li', { 'data-seq': event.seq },
      avatar(people.personOf(event.userId), 'small'),
      h('div', {},
        h('p', {}, h('strong', {}, people.nameOf(event.userId)), ` ${verb} `, h('b', {}, subject)),
        detail && h('p', { class: 'soft' }, detail),
        reason && h('p', { class: 'warned' }, `Booked anyway: ${reason}`),
        h('p', { class: 'soft line-foot' },
          h('time', { dateTime: event.at, title: event.at }, agoText(event.at, Date.now(), room.record.timezone)),
          event.undoes && h('span', {}, context.undos.has(event.undoes) ? 'by redo' : 'by undo'),
          room.editable && mine && !context.undone.has(event.opId) && h('button', { class: 'link', type: 'button', onclick: () => this.host.undo(event.opId) }, 'Undo this'),
          room.record.role === 'owner' && event.seq < room.timetable.seq && h('button', { class: 'link', type: 'button', onclick: () => this.host.restore(event.seq) }, 'Back to here'))));
  }
}
