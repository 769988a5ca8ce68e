// The screen of one room: wires the room, the grid, gestures, keys, the panel and people together.

import { type Client, type PresenceChange, type Room, type Timetable, type wire } from '@kyo/collaboration-client';
import { Editor, type Offer } from '../editor/editor.js';
import type { Draft } from '../editor/values.js';
import { Cursors } from '../grid/cursors.js';
import { Grid, cardUnder } from '../grid/grid.js';
import { type Times, timesOf } from '../grid/moving.js';
import { Swipe } from '../grid/swipe.js';
import { type Owner, type View, onlyOf, turned } from '../grid/view.js';
import { t } from '../language/index.js';
import { Panels } from '../panels/panels.js';
import { People } from '../panels/people.js';
import type { Session } from '../panels/session.js';
import { Status } from '../panels/status.js';
import { Bar } from './bar.js';
import { announce, byId, listen, oncePerFrame } from './dom.js';
import { after, soon } from './drafts.js';
import { Edits } from './edits.js';
import { Hands } from './hands.js';
import { showKeys } from './keyhelp.js';
import type { Act } from './keys.js';
import type { Place } from './place.js';
import { sceneOf } from './scene.js';
import { Telling, heard } from './telling.js';
import { dayOf, knownZone, minuteOf, mondayOf, toWall } from './time.js';

const NARROW = '(max-width: 760px)';

/** What a board is opened with. */
export interface BoardOptions {
  client: Client;
  session: Session;
  place: Place;
  /** Records what is looked at. */
  navigate(view: View): void;
  /** Leaves the room; with the reason when it was not the person's wish. */
  exit(reason?: string): void;
}

/** See the module's comment. */
export class Board {
  readonly room: Room;
  readonly people: People;
  readonly grid: Grid;
  readonly edits: Edits;
  readonly editor: Editor;
  readonly panels: Panels;
  view: View;
  #day: number | null;
  #narrow = matchMedia(NARROW);
  #stops: (() => void)[] = [];
  #hands: Hands;
  #cursors: Cursors;
  #bar: Bar;
  #status: Status;
  #telling = new Telling();
  #kept = true;
  #redraw = oncePerFrame(() => this.#draw());

  constructor(private readonly options: BoardOptions) {
    const { client, session, place } = options;
    this.#day = place.day;
    this.view = { lens: place.lens ?? 'week', day: place.day ?? 0, only: place.only };
    const { name, color, role } = session;
    this.people = new People({ name, color, role, userId: client.welcome?.userId ?? session.userId, sessionId: client.welcome?.sessionId ?? '', state: 'active' });
    this.room = client.room(place.room, session.color ? { profile: { color: session.color } } : {});
    this.edits = new Edits({
      room: this.room, zone: () => this.zone, nameOf: (id) => this.people.nameOf(id), reopen: (course) => this.reopen(course),
    });
    this.grid = new Grid(byId('week'));
    this.editor = this.#editor();
    this.panels = this.#panels();
    this.#hands = this.#handsOn();
    this.#cursors = new Cursors(this.grid, this.room, () => client.welcome?.sessionId);
    this.#bar = new Bar({ act: (name) => this.act(name), only: (value) => this.look({ only: value }), day: (day) => this.look({ day }) });
    this.#status = this.#statusLine();
    this.#listen();
    this.#redraw();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const part of [this.#hands, this.#cursors, this.#status, this.#bar, this.#telling]) part.stop();
    this.editor.hide();
    this.panels.stop();
    this.grid.stop();
    this.room.leave();
  }

  get zone(): string {
    const zone = this.room.record?.timezone ?? 'UTC';
    return knownZone(zone) ? zone : 'UTC';
  }

  /** Whether the person may change what is shown: another time can't be changed. */
  get editable(): boolean {
    return this.room.editable && !this.panels.travelling;
  }

  /** What is shown: now with the operations under way, or another time. */
  get #shown(): Timetable {
    return this.panels.past ?? this.room.view;
  }

  /** Whether closing the page would lose something: changes that this browser could not write down. */
  get perishable(): boolean {
    return !this.#kept && this.room.pending.length > 0;
  }

  get #today(): number {
    return dayOf(toWall(Date.now(), this.zone));
  }

  // ——— building ———

  #editor(): Editor {
    return new Editor({
      panel: byId('panel'), closed: () => this.#closed(), zone: () => this.zone, timetable: () => this.#shown,
      editable: () => this.editable, save: (op, base) => void this.edits.save(op, base),
      remove: (course) => this.#remove(course), ask: (op) => this.#hands.ask(op), changed: () => this.#redraw(),
      abandoned: (title, op) => this.edits.abandoned(title, op), addResource: (kind, name) => this.edits.addResource(kind, name),
      ways: (course) => this.edits.ways(course, () => this.editor.hide()),
    });
  }

  #panels(): Panels {
    const { client, session } = this.options;
    return new Panels({
      client, session, room: this.room, people: this.people, zone: () => this.zone,
      monday: () => mondayOf(this.view.day), go: (day) => this.look({ day }),
    }, {
      opened: () => {
        this.editor.hide();
        byId('board').classList.add('with-panel');
      },
      closed: () => this.#closed(),
      changed: () => queueMicrotask(() => this.#panelsChanged()), // it is said while they are being made, too
    });
  }

  #panelsChanged(): void {
    if (this.panels.travelling) this.editor.hide();
    byId('board').classList.toggle('in-the-past', this.panels.travelling);
    this.#pressed();
    this.#redraw();
  }

  #handsOn(): Hands {
    return new Hands({
      room: this.room, grid: this.grid, edits: this.edits, editable: () => this.editable, course: (id) => this.#shown.courses.get(id),
      act: (name) => this.act(name), open: (id) => this.open(id), remove: (course) => this.#remove(course),
      draft: (times, owner) => this.draft(times, owner), follow: (day) => this.look({ day }),
      answered: ({ verdict, why, suggestions }, op) => this.editor.feedback(verdict === 'asking' ? 'none' : verdict, why, this.#offers(suggestions, op)),
    });
  }

  #statusLine(): Status {
    const work = () => ({ joined: this.room.joined, pending: this.room.pending.length });
    return new Status(byId('status'), this.options.client, work);
  }

  #listen(): void {
    const { room, options: { client } } = this;
    const swipe = new Swipe(this.grid.frame.days, () => this.#narrow.matches && !this.#hands.busy, (direction) => this.#turn(direction));
    this.#stops.push(
      room.on('change', () => this.#redraw()),
      room.on('event', (seen) => this.#event(seen)),
      room.on('refused', ({ op, error }) => this.edits.refused(op, error)),
      room.on('presence', (push) => this.#presence(push)),
      room.on('unsaved', () => { this.#kept = false; }),
      room.on('locks', () => this.#redraw()),
      room.on('joined', (reply) => this.#joined(reply)),
      room.on('closed', (reason) => this.options.exit(reason)),
      client.on('problem', (error) => this.edits.tell(error)),
      client.on('expiring', () => this.edits.expiring()),
      listen(this.#narrow, 'change', () => this.#redraw()),
      () => swipe.stop(),
    );
  }

  #joined(reply: wire.Joined): void {
    const { welcome } = this.options.client;
    const self = reply.participants.find(({ sessionId }) => sessionId === welcome?.sessionId);
    Object.assign(this.people.me, { sessionId: welcome?.sessionId, userId: welcome?.userId, role: reply.role, ...(self && { color: self.color, name: self.name }) });
    this.people.reset(reply.participants);
    const first = this.#day === null;
    if (first) this.view = { ...this.view, day: this.#day = this.#today };
    this.#draw();
    if (first || this.#narrow.matches) this.#reveal();
  }

  #reveal(): void {
    const index = this.grid.columns.findIndex(({ day }) => day === this.#today);
    const hour = Math.max(7, minuteOf(toWall(Date.now(), this.zone)) / 60 - 1);
    if (index >= 0) this.grid.frame.reveal(0, hour);
  }

  // ——— drawing ———

  #draw(): void {
    this.#status.draw();
    const name = this.room.record?.name ?? '';
    this.#bar.draw({
      name, zone: this.zone, editable: this.editable, joined: this.room.joined, view: this.view,
      today: this.#today, narrow: this.#narrow.matches, timetable: this.#shown,
    });
    if (this.#day === null) return;
    if (!this.#hands.busy) this.editor.follow();
    const focused = cardUnder(document.activeElement)?.dataset.course;
    this.grid.draw(sceneOf({
      room: this.room, people: this.people, timetable: this.#shown, view: this.view, zone: this.zone,
      narrow: this.#narrow.matches, editable: this.editable, panel: this.editor,
    }));
    if (focused && document.activeElement === document.body) this.grid.focus.on(focused);
    this.people.draw(byId('avatars'));
    this.#cursors.draw();
  }

  #presence(push: PresenceChange): void {
    this.people.take(push);
    if (push.cursorsOnly) this.#cursors.draw();
    else this.#redraw();
  }

  #event(seen: { event: wire.Event; before: wire.Course | undefined }): void {
    const { event, before } = seen;
    if (event.sessionId === this.options.client.welcome?.sessionId) return;
    const name = this.people.nameOf(event.userId);
    const title = (id: string) => this.room.timetable.courses.get(id)?.title ?? before?.title ?? t('class.one');
    this.#telling.hear(name, heard(event, { zone: this.zone, name, title }));
    const id = 'courseId' in event.data ? event.data.courseId : 'course' in event.data ? event.data.course.id : undefined;
    const color = this.people.personOf(event.userId).color;
    if (id) requestAnimationFrame(() => this.grid.cards.flash(id, color));
  }

  // ——— looking ———

  /** Shows something else. */
  look(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    this.#day = this.view.day;
    this.options.navigate(this.view);
    this.#redraw();
    announce(Bar.label({ view: this.view, narrow: this.#narrow.matches }));
  }

  #turn(direction: -1 | 1): void {
    this.look(turned(this.view, direction, this.#narrow.matches));
  }

  // ——— doing ———

  /** Does what a button or a letter stands for. */
  act(name: Act): void {
    switch (name) {
      case 'previous': this.#turn(-1); break;
      case 'next': this.#turn(1); break;
      case 'today': this.look({ day: this.#today }); break;
      case 'week': case 'studio': case 'trainer': this.#lens(name); break;
      case 'undo': case 'redo': if (this.editable) void this.edits.revert(name); break;
      case 'history': case 'people': case 'templates': this.panels.toggle(name); break;
      case 'past': this.panels.travel(); break;
      case 'import': case 'calendar': case 'settings': this.panels.dialog(name); break;
      case 'new': this.#newClass(); break;
      case 'rooms': this.options.exit(); break;
      case 'keys': showKeys(); break;
      case 'close': this.#close(); break;
    }
  }

  /** From a week into a day: today where it is in that week, else its Monday as it stands. */
  #lens(lens: View['lens']): void {
    const day = this.grid.columns.find((column) => column.day === this.#today)?.day;
    this.look({ lens, ...(lens !== 'week' && this.view.lens === 'week' && day !== undefined && { day }) });
  }

  #close(): void {
    if (this.#hands.cancel()) return;
    this.editor.hide();
    this.panels.hide();
  }

  #remove(course: Pick<wire.Course, 'id' | 'title'>): void {
    this.editor.hide();
    this.grid.focus.leave(course.id);
    void this.edits.remove(course);
  }

  // ——— the panel ———

  /** Opens the panel of a course. */
  open(id: string): void {
    const course = this.#shown.courses.get(id);
    if (!course) return;
    this.#panel();
    this.editor.show(course);
    this.room.select({ courseIds: [id], kind: 'course' });
    this.#redraw();
  }

  /** Opens the panel for a new class at a place. */
  draft(times: Times, owner: Owner | null): void {
    const only = owner ?? onlyOf(this.view.only);
    if (!this.editable) return;
    this.reopen({ id: crypto.randomUUID(), title: '', ...times, ...(only && { [`${only.kind}Id`]: only.id }) });
  }

  /** Opens the panel with a class that is not there yet. */
  reopen(course: Draft): void {
    this.#panel();
    this.editor.show(course, true);
    this.room.select({ startTime: course.startsAt, endTime: course.endsAt, kind: 'draft' });
    this.#redraw();
  }

  #newClass(): void {
    const id = cardUnder(document.activeElement)?.dataset.course;
    const course = id ? this.room.view.courses.get(id) : undefined;
    const column = this.grid.columns[course ? this.grid.focus.columnOf(course.id) : -1];
    const [first, last] = [this.grid.columns[0]?.day ?? this.view.day, this.grid.columns.at(-1)?.day ?? this.view.day];
    const stretch = course ? after(course, this.zone) : soon(first, last, toWall(Date.now(), this.zone));
    this.draft(timesOf(stretch, this.zone), column?.owner ?? null);
  }

  #panel(): void {
    this.panels.hide();
    byId('board').classList.add('with-panel');
  }

  #closed(): void {
    byId('board').classList.remove('with-panel');
    this.room.select({ courseIds: [], kind: 'course' });
    this.#pressed();
    this.#redraw();
    if (document.activeElement === document.body) this.grid.focus.back();
  }

  #pressed(): void {
    for (const name of ['history', 'people']) {
      document.querySelector(`.bar > [data-act=${name}]`)?.setAttribute('aria-expanded', String(this.panels.open === name));
    }
  }

  // ——— offers ———

  #offers(places: readonly wire.Suggestion[], op: wire.Operation): Offer[] {
    return places.map((place) => ({ text: this.edits.placeText(place, op), take: () => this.editor.take(place) }));
  }
}
