// Who is here: participants by session, names by user, and the row of avatars.

import { Signal } from '@kyo/collaboration-client';
import { inkOn } from './app/color.js';
import { h } from './app/dom.js';

const SHOWN = 6;
const FALLBACK = '#52606d';

/** A round picture of a person: their initials on their colour. */
export function avatar({ name, color, state }, size = '') {
  const ground = /^#[0-9a-f]{6}$/i.test(color ?? '') ? color : FALLBACK;
  return h('span', {
    class: `avatar ${size} ${state && state !== 'active' ? 'idle' : ''}`, title: name,
    '--ground': ground, '--on-ground': inkOn(ground), 'aria-hidden': 'true',
  }, initials(name));
}

export class People extends Signal {
  /** `me` is `{userId, sessionId, name, color, role}`. */
  constructor(me) {
    super();
    this.me = me;
    this.sessions = new Map();
    this.names = new Map([[me.userId, me.name]]);
  }

  reset(participants) {
    this.sessions = new Map(participants.map((person) => [person.sessionId, person]));
    for (const person of participants) this.names.set(person.userId, person.name);
    this.emit('change');
  }

  /** Takes one `presence` push; `cursors` is said when nothing but pointers moved. */
  take({ joined = [], left = [], changed = [] }) {
    for (const person of joined) {
      this.sessions.set(person.sessionId, person);
      this.names.set(person.userId, person.name);
    }
    for (const { sessionId } of left) this.sessions.delete(sessionId);
    for (const change of changed) {
      const person = this.sessions.get(change.sessionId);
      if (person) this.sessions.set(change.sessionId, { ...person, ...change });
    }
    const moved = joined.length + left.length === 0 && !changed.some((change) => change.selection || change.state);
    this.emit(moved ? 'cursors' : 'change');
  }

  /** Everybody but this session. */
  get others() {
    return [...this.sessions.values()].filter((person) => person.sessionId !== this.me.sessionId);
  }

  nameOf(userId) {
    if (userId === this.me.userId) return 'You';
    return this.names.get(userId) ?? userId;
  }

  personOf(userId) {
    return [...this.sessions.values()].find((person) => person.userId === userId)
      ?? { userId, name: this.names.get(userId) ?? userId, color: FALLBACK };
  }

  /** Selections of others: course id → people. */
  selections() {
    const found = new Map();
    for (const person of this.others) {
      for (const id of person.selection?.courseIds ?? []) {
        found.set(id, [...(found.get(id) ?? []), person]);
      }
    }
    return found;
  }

  /** Fills `element` with one avatar a person. */
  draw(element) {
    const unique = new Map(this.others.map((person) => [person.userId, person]));
    unique.delete(this.me.userId);
    const here = [{ ...this.me, you: true }, ...unique.values()];
    const labels = { active: '', idle: ', idle', away: ', away' };
    const shown = here.slice(0, SHOWN).map((person) => {
      const label = `${person.name}${person.you ? ' (you)' : ''}, ${person.role}${labels[person.state] ?? ''}`;
      return h('span', { role: 'listitem', 'aria-label': label, title: label }, avatar({ ...person, name: person.name }));
    });
    for (const item of shown) item.firstElementChild.removeAttribute('title');
    const more = here.length - SHOWN;
    if (more > 0) {
      const rest = here.slice(SHOWN).map((person) => person.name).join(', ');
      shown.push(h('span', { role: 'listitem', class: 'avatar more', title: rest, 'aria-label': `and ${rest}` }, `+${more}`));
    }
    element.replaceChildren(...shown);
  }
}

/** Initials of a name: of the first and the last word. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return '?';
  const first = (word) => [...word][0];
  const letters = words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
  return letters.toLocaleUpperCase();
}
