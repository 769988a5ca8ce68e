// @ts-nocheck: replaced in the next steps
// The screen of one room: wires the room, the grid, gestures, the panel and presence together.

import { Editor } from '../editor/editor.js';
import { Probe } from '../editor/probe.js';
import { conflictText, refusalText } from '../editor/reasons.js';
import { explain, suggestionText } from '../editor/refusal.js';
import { Cursors } from '../grid/cursors.js';
import { Gestures, stepped } from '../grid/gestures.js';
import { Grid } from '../grid/grid.js';
import { Panels } from '../panels/panels.js';
import { People } from '../panels/people.js';
import { Status } from '../panels/status.js';
import { predict } from '../../../client/src/domain/prediction.js';
import { announce, byId, h, oncePerFrame } from './dom.js';
import {
  DAY, MINUTE, dateText, dayOf, fromWall, knownZone, minuteOf, mondayOf, shortDay, toWall, weekLabel, wire,
} from './time.js';
import { toast } from '../panels/toasts.js';

export class Board {
  #stops = [];
  #wanted = '';

  /** `monday` is a day number or null for this week; `navigate(monday)` records it. */
  constructor({ client, session, roomId, monday, navigate, exit }) {
    Object.assign(this, { client, session, monday, navigate, exit, filter: '' });
    const welcome = client.welcome ?? {};
    this.people = new People({
      userId: welcome.userId ?? session.userId, sessionId: welcome.sessionId, name: session.name,
      color: session.color, role: session.role, state: 'active',
    });
    this.room = client.room(roomId, session.color ? { profile: { color: session.color } } : {});
    this.grid = new Grid(byId('week'));
    this.redraw = oncePerFrame(() => this.#draw());
    this.#panels();
    this.gestures = new Gestures(this.#hands());
    this.cursors = new Cursors({ grid: this.grid, people: this.people, send: (cursor) => this.room.moveCursor(cursor) });
    this.status = new Status(byId('status'), client, () => ({ joined: this.room.joined, pending: this.room.pending.length }));
    this.#listen();
    this.#name();
  }

  stop() {
    for (const stop of this.#stops) stop();
    for (const part of [this.gestures, this.cursors, this.status, this.grid]) part.stop();
    this.editor.hide();
    this.panels.stop();
    this.room.leave();
  }

  get zone() {
    const zone = this.room.record?.timezone ?? 'UTC';
    return knownZone(zone) ? zone : 'UTC';
  }

  /** Whether the person may change what is shown now. */
  get editable() {
    return this.room.editable && !this.panels.travelling;
  }

  get unsaved() {
    return this.room.pending.length;
  }

  // ——— building ———

  #panels() {
    const panel = byId('panel');
    const closed = () => {
      this.#select(null);
      byId('board').classList.remove('with-panel');
      this.#pressed();
    };
    this.probe = new Probe(this.room, (result, op) => this.#answered(result, op));
    this.editor = new Editor({
      panel, closed, zone: () => this.zone, timetable: () => this.panels.past ?? this.room.view,
      editable: () => this.editable,
      save: (op, baseVersion) => this.room.apply(op, { baseVersion }),
      remove: (course) => this.remove(course), ask: (op) => this.probe.ask(op),
      addResource: (kind, name) => this.#addResource(kind, name),
      changed: () => this.redraw(), abandoned: (title, op) => this.#abandoned(title, op),
    });
    this.panels = new Panels({
      client: this.client, room: this.room, people: this.people, session: this.session,
      zone: () => this.zone, monday: () => this.monday, go: (monday) => this.go(monday),
    }, {
      closed,
      opened: () => {
        this.editor.hide();
        byId('board').classList.add('with-panel');
      },
      changed: () => {
        if (this.panels?.travelling) this.editor.hide();
        this.#pressed();
        this.#name();
        this.redraw();
      },
    });
  }

  #hands() {
    return {
      grid: this.grid,
      course: (id) => this.room.view.courses.get(id),
      editable: () => this.editable,
      held: (id) => this.#holderOf(id),
      open: (id) => this.open(id),
      lift: (id) => this.room.lock(id).catch((error) => error.code === 'locked' && this.#tell(error)),
      drop: (id) => {
        this.probe.stop();
        this.room.unlock(id);
      },
      ask: (op) => this.probe.ask(op),
      move: (op) => this.#move(op),
      draft: (times) => this.draft(times),
    };
  }

  #listen() {
    const { room } = this;
    this.#stops.push(
      room.on('change', () => this.redraw()),
      room.on('refused', ({ op, error }) => this.#refused(op, error)),
      room.on('presence', (push) => this.people.take(push)),
      room.on('locks', () => this.redraw()),
      room.on('joined', (reply) => this.#joined(reply)),
      room.on('closed', (reason) => this.exit(reason)),
      this.people.on('change', () => this.redraw()),
      this.people.on('cursors', () => this.cursors.draw()),
      this.client.on('state', () => this.status.draw()),
      this.client.on('problem', (error) => this.#tell(error)),
      this.client.on('expiring', () => toast({ title: 'Your sign-in ends in a minute', text: 'Finish what you are doing, then sign in again.' })),
    );
    const act = (event) => this.#act(event.target.closest('[data-act]')?.dataset.act);
    const keys = (event) => this.#key(event);
    byId('board').addEventListener('click', act);
    document.addEventListener('keydown', keys);
    byId('filter').onchange = ({ target }) => {
      this.filter = target.value;
      this.redraw();
    };
    this.#stops.push(() => byId('board').removeEventListener('click', act), () => document.removeEventListener('keydown', keys));
  }

  #joined(reply) {
    this.people.me.sessionId = this.client.welcome.sessionId;
    this.people.me.userId = this.client.welcome.userId;
    const self = reply.participants?.find((person) => person.sessionId === this.people.me.sessionId);
    if (self) Object.assign(this.people.me, { color: self.color, name: self.name });
    this.people.me.role = reply.role;
    this.people.reset(reply.participants ?? []);
    if (this.#wanted) this.#select(this.#wanted);
    const first = this.monday === null;
    if (first) this.monday = mondayOf(this.today);
    this.#name();
    this.#draw();
    if (first) this.#reveal();
  }

  get today() {
    return dayOf(toWall(Date.now(), this.zone));
  }

  #reveal() {
    const column = this.today - this.monday;
    const hour = Math.max(7, minuteOf(toWall(Date.now(), this.zone)) / 60 - 1);
    const narrow = matchMedia('(max-width: 760px)').matches;
    if (narrow && column >= 0 && column < 7) this.grid.reveal(column, hour);
  }

  #name() {
    byId('room-name').textContent = this.room.record?.name ?? '';
    byId('room-zone').textContent = this.#about();
    if (this.room.record) document.title = `${this.room.record.name} · Kyo`;
    byId('edit-tools').hidden = !this.editable;
    byId('new-class').hidden = !this.editable;
    byId('board').classList.toggle('read-only', this.room.joined && !this.editable);
    byId('board').classList.toggle('in-the-past', this.panels.travelling);
  }

  #about() {
    if (!this.room.record) return '';
    return this.zone.replaceAll('_', ' ') + (this.room.editable ? '' : ' · view only');
  }

  // ——— drawing ———

  #draw() {
    if (this.monday === null) return;
    if (!this.gestures.busy) this.editor.follow();
    const view = this.panels.past ?? this.room.view;
    const sketch = this.editor.op;
    this.grid.draw({
      timetable: sketch ? predict(view, [sketch]) : view, draft: sketch && this.editor.courseId, monday: this.monday, zone: this.zone, editable: this.editable,
      unsaved: this.room.unsaved, selections: this.people.selections(), selected: this.editor.courseId,
      holderOf: (id) => this.#holderOf(id), shows: (course) => this.#shows(course),
    });
    byId('week-label').textContent = weekLabel(this.monday);
    this.people.draw(byId('avatars'));
    this.cursors.draw();
    this.#filters(view);
    this.status.draw();
  }

  #shows({ trainerId, studioId }) {
    const [kind, id] = this.filter.split(/:(.*)/s);
    return !kind || (kind === 'trainer' ? trainerId : studioId) === id;
  }

  #filters(view) {
    const groups = ['studio', 'trainer'].map((kind) => [kind, view.resourcesOf(kind)]);
    const key = JSON.stringify(groups.map(([, list]) => list.map(({ id, name }) => [id, name])));
    if (key === this.filterKey) return;
    this.filterKey = key;
    byId('filter').replaceChildren(h('option', { value: '' }, 'Everything'), ...groups.map(([kind, list]) =>
      h('optgroup', { label: kind === 'studio' ? 'Studios' : 'Trainers' },
        list.map(({ id, name }) => h('option', { value: `${kind}:${id}` }, name)))));
    byId('filter').value = this.filter;
  }

  #holderOf(courseId) {
    const lock = this.room.locks.against(courseId);
    return lock && { ...this.people.personOf(lock.userId), sessionId: lock.sessionId };
  }

  #pressed() {
    for (const name of ['history', 'people']) {
      document.querySelector(`.bar > [data-act=${name}]`).setAttribute('aria-expanded', String(this.panels?.open === name));
    }
  }

  // ——— doing ———

  #act(name) {
    const acts = {
      previous: () => this.go(this.monday - 7), next: () => this.go(this.monday + 7),
      today: () => this.go(mondayOf(this.today)), undo: () => this.#step('undo'), redo: () => this.#step('redo'),
      history: () => this.panels.toggle('history'), people: () => this.panels.toggle('people'),
      templates: () => this.panels.toggle('templates'), past: () => this.panels.travel(), import: () => this.panels.dialog('import'),
      calendar: () => this.panels.dialog('calendar'), settings: () => this.panels.dialog('settings'), new: () => this.#newClass(), rooms: () => this.exit(),
    };
    byId('menu').hidePopover();
    acts[name]?.();
  }

  #key(event) {
    const typing = event.target.closest?.('input, textarea, select');
    const command = event.ctrlKey || event.metaKey;
    if (event.key === 'Escape' && !this.gestures.busy) {
      this.editor.hide();
      this.panels.hide();
    }
    if (typing) return;
    const letter = event.key.toLowerCase();
    if (command && (letter === 'z' || letter === 'y')) {
      event.preventDefault();
      this.#step(letter === 'y' || event.shiftKey ? 'redo' : 'undo');
      return;
    }
    const id = event.target.closest?.('.card')?.dataset.course;
    if (id && this.#cardKey(event, id)) event.preventDefault();
    else if (!command && !event.altKey) this.#act({ t: 'today', h: 'history', n: 'next', p: 'previous', c: 'new' }[letter]);
  }

  /** Keys on a focused card; true when it was one of ours. */
  #cardKey(event, id) {
    const course = this.room.view.courses.get(id);
    if (!course) return false;
    if (event.key === 'Enter' || event.key === ' ') {
      this.open(id);
      return true;
    }
    if (!this.editable) return false;
    if (event.key === 'Delete') {
      this.remove(course);
      return true;
    }
    const steps = {
      ArrowUp: { minutes: -15 }, ArrowDown: { minutes: 15 }, ArrowLeft: { days: -1 }, ArrowRight: { days: 1 },
    };
    if (!event.altKey || !steps[event.key]) return false;
    this.room.apply(stepped(course, steps[event.key], this.zone));
    requestAnimationFrame(() => requestAnimationFrame(() => this.grid.cardOf(id)?.focus()));
    return true;
  }

  go(monday) {
    this.monday = monday;
    this.navigate(dateText(monday));
    this.redraw();
    announce(weekLabel(monday));
  }

  open(id) {
    const course = (this.panels.past ?? this.room.view).courses.get(id);
    if (!course) return;
    this.panels.hide();
    byId('board').classList.add('with-panel');
    this.editor.show(course);
    this.#select(id);
    this.redraw();
  }

  /** Opens the panel for a new class at a place. */
  draft(times) {
    if (!this.editable) return;
    const [kind, id] = this.filter.split(/:(.*)/s);
    this.reopen({ id: crypto.randomUUID(), title: '', ...times, ...(kind ? { [`${kind}Id`]: id } : {}) });
  }

  reopen(course) {
    this.panels.hide();
    byId('board').classList.add('with-panel');
    this.editor.show(course, true);
    this.#select(null, course);
  }

  #newClass() {
    const wall = toWall(Date.now(), this.zone);
    const day = Math.min(this.monday + 6, Math.max(this.monday, dayOf(wall)));
    const hour = day === dayOf(wall) ? Math.min(20, Math.floor(minuteOf(wall) / 60) + 1) : 10;
    const start = day * DAY + hour * 60 * MINUTE;
    this.draft({
      startsAt: wire(fromWall(start, this.zone)), endsAt: wire(fromWall(start + 60 * MINUTE, this.zone)),
    });
  }

  #select(id, draft = null) {
    this.#wanted = id ?? '';
    const selection = draft
      ? { startTime: draft.startsAt, endTime: draft.endsAt, kind: 'draft' }
      : { courseIds: id ? [id] : [], kind: 'course' };
    this.room.select(selection);
    this.redraw();
  }

  async #move(op) {
    this.probe.stop();
    const course = this.room.view.courses.get(op.courseId);
    const ack = await this.room.apply(op, { baseVersion: course?.version || undefined });
    this.room.unlock(op.courseId);
    if (ack && course) announce(`Moved ${course.title} to ${shortDay(dayOf(toWall(Date.parse(op.startsAt), this.zone)))}`);
  }

  async remove(course) {
    this.editor.hide();
    const ack = await this.room.apply({ kind: 'course_delete', courseId: course.id });
    if (!ack) return;
    toast({
      title: `Removed “${course.title}”`, tone: 'info', key: `removed ${course.id}`,
      actions: [{ label: 'Undo', run: () => this.#step('undo') }],
    });
  }

  async #step(kind) {
    if (!this.editable) return;
    const ack = await this.room.apply({ kind }, { quiet: false });
    if (ack) announce(kind === 'undo' ? 'Undone' : 'Done again');
  }

  #abandoned(title, op) {
    toast({
      title: `Your changes to “${title}” were not saved`, key: `abandoned ${op.courseId}`,
      actions: [{ label: 'Save them', primary: true, run: () => this.room.apply(op) }],
    });
  }

  async #addResource(kind, name) {
    const id = crypto.randomUUID();
    const overlap = this.room.timetable.policy.defaultOverlap;
    const ack = await this.room.apply({ kind: 'resource_upsert', resource: { id, kind, name, overlap } });
    return ack ? id : null;
  }

  // ——— answers ———

  #context(op) {
    return {
      timetable: this.room.timetable, zone: this.zone, courseId: op.courseId ?? op.course?.id ?? op.ops?.[0]?.courseId,
      nameOf: (id) => this.people.nameOf(id),
    };
  }

  #answered(result, op) {
    const words = this.#words(result, op);
    const text = [words.why, words.free].filter(Boolean).join(' ');
    if (this.gestures.busy) this.gestures.answered(result, op, words);
    else if (result?.error) this.editor.feedback('refused', text);
    else this.editor.feedback(text ? 'warned' : 'fine', text);
  }

  #words(result, op) {
    const context = this.#context(op);
    if (!result?.error) return { why: (result?.warnings ?? []).map((conflict) => conflictText(conflict, context)).join(' ') };
    const [best] = result.error.details?.suggestions ?? [];
    const free = best ? `Free: ${suggestionText(best, op, context)}` : '';
    return { why: refusalText(result.error, context), free };
  }

  #refused(op, error) {
    explain({ room: this.room, op, error, people: this.people, reopen: (course) => this.reopen(course) });
  }

  #tell(error) {
    const context = { ...this.#context({}), courseId: undefined };
    toast({ title: refusalText(error, context), tone: 'info', key: error.code });
  }
}
