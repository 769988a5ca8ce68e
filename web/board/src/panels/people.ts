// Who is here: participants by session, names by user, and the row of avatars in the bar.

import { type PresenceChange, Signal, type wire } from '@kyo/collaboration-client';
import { h } from '../app/dom.js';
import { type PlainKey, listText, t } from '../language/index.js';
import { FALLBACK, type Portrait, avatar } from './avatar.js';

const SHOWN = 6;

/** This person, in this window. */
export interface Me extends Portrait { userId: string; sessionId: string; role: string; color: string; name: string; state: wire.PresenceState }

/** One person, in one or more windows. */
export interface Person extends Portrait {
  readonly userId: string;
  readonly role: string;
  readonly state: wire.PresenceState;
  readonly you: boolean;
  readonly sessions: readonly wire.Participant[];
}

/** What people do. */
export interface PeopleEvents { change: undefined; cursors: undefined }

const LIVELINESS: readonly wire.PresenceState[] = ['active', 'idle', 'away'];

/** The people of one room, from the side of one of them. */
export class People extends Signal<PeopleEvents> {
  sessions = new Map<string, wire.Participant>();
  readonly names: Map<string, string>;

  constructor(readonly me: Me) {
    super();
    this.names = new Map([[me.userId, me.name]]);
  }

  /** All participants, as `joined` lists them. */
  reset(participants: readonly wire.Participant[]): void {
    this.sessions = new Map(participants.map((person) => [person.sessionId, person]));
    for (const person of participants) this.names.set(person.userId, person.name);
    this.emit('change');
  }

  /** Takes one `presence` push; `cursors` is said when nothing but pointers moved. */
  take({ joined = [], left = [], changed = [] }: Partial<PresenceChange>): void {
    for (const person of joined) {
      this.sessions.set(person.sessionId, person);
      this.names.set(person.userId, person.name);
    }
    for (const { sessionId } of left) this.sessions.delete(sessionId);
    for (const change of changed) {
      const person = this.sessions.get(change.sessionId);
      if (person) this.sessions.set(change.sessionId, { ...person, ...known(change) });
    }
    const moved = joined.length + left.length === 0 && !changed.some((change) => change.selection || change.state);
    this.emit(moved ? 'cursors' : 'change');
  }

  /** Everybody but this session. */
  get others(): wire.Participant[] {
    return [...this.sessions.values()].filter((person) => person.sessionId !== this.me.sessionId);
  }

  /** Everybody once, ourselves first; as lively as their liveliest window. */
  get here(): Person[] {
    const windows = new Map<string, wire.Participant[]>([[this.me.userId, []]]);
    for (const person of this.sessions.values()) windows.set(person.userId, [...windows.get(person.userId) ?? [], person]);
    return [...windows].map(([userId, sessions]) => this.#person(userId, sessions));
  }

  #person(userId: string, sessions: wire.Participant[]): Person {
    const you = userId === this.me.userId;
    const state = LIVELINESS.find((each) => sessions.some((person) => person.state === each)) ?? 'active';
    const first = sessions[0] ?? this.me;
    return { ...first, name: you ? this.me.name : first.name, userId, state: you ? 'active' : state, you, sessions };
  }

  /** Their name, or `You`. */
  nameOf(userId: string): string {
    return userId === this.me.userId ? t('people.you') : this.names.get(userId) ?? userId;
  }

  /** What is known of somebody, here or not. */
  personOf(userId: string): Portrait & { userId: string; color: string } {
    return [...this.sessions.values()].find((person) => person.userId === userId)
      ?? { userId, name: this.names.get(userId) ?? userId, color: FALLBACK };
  }

  /** Selections of others: course id → people. */
  selections(): Map<string, wire.Participant[]> {
    const found = new Map<string, wire.Participant[]>();
    for (const person of this.others) {
      for (const id of person.selection?.courseIds ?? []) found.set(id, [...found.get(id) ?? [], person]);
    }
    return found;
  }

  /** Fills `element` with one avatar a person. */
  draw(element: HTMLElement): void {
    const { here } = this;
    const key = JSON.stringify(here.map(({ userId, name, color, state, avatar: image }) => [userId, name, color, state, image]));
    const label = t('people.heading', { count: here.length });
    if (element.dataset.shown === `${label} ${key}`) return;
    element.dataset.shown = `${label} ${key}`;
    element.setAttribute('aria-label', `${label}: ${listText(here.map(described))}`);
    element.title = here.map(described).join('\n');
    const more = here.length - SHOWN;
    element.replaceChildren(
      ...here.slice(0, SHOWN).map((person) => h('span', { class: 'avatar-place' }, plain(avatar(person)))),
      ...(more > 0 ? [h('span', { class: 'avatar-place' }, h('span', { class: 'avatar more', 'data-initials': `+${more}` }))] : []),
    );
  }
}

/** Cursor, selection and state are kept where a change does not name them. */
function known(change: wire.PresenceChange): Partial<wire.Participant> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function plain(element: HTMLElement): HTMLElement {
  element.removeAttribute('title');
  return element;
}

/** The role's name in the language of now. */
export function roleText(role: string): string {
  return ['owner', 'manager', 'trainer', 'member', 'service', 'editor', 'viewer'].includes(role) ? t(`role.${role}` as PlainKey) : role;
}

/** `Mei Lin (you), Owner, idle`. */
function described({ name, you, role, state }: Person): string {
  const parts = [you ? t('people.isYou', { name }) : name, roleText(role), ...(state === 'active' ? [] : [t(`people.${state}`)])];
  return parts.join(', ');
}
