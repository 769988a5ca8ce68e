// Who is in a room, where they point and what they have selected; and telling the same of ourselves,
// no faster than the service wants to hear it.

import type { Connection } from './connection.js';
import { Throttle } from './throttle.js';
import type * as wire from './wire.js';

const FALLBACK = { perSecond: 10, tickMs: 50 };

/** What a `presence` push changed. */
export interface PresenceChange {
  joined: readonly wire.Participant[];
  left: readonly wire.Departure[];
  changed: readonly wire.PresenceChange[];
  /** Nothing but cursors moved. */
  cursorsOnly: boolean;
}

/** The people of one room. */
export class Presence {
  /** By session; this session too. */
  participants = new Map<string, wire.Participant>();
  #cursor: Throttle<wire.Cursor>;
  #selection: Throttle<wire.Selection>;
  /** What we said last, to say it again after a reconnect. */
  #said: { selection?: wire.Selection } = {};

  constructor(private readonly connection: Connection, private readonly room: string) {
    const everyMs = () => pace(connection.welcome);
    this.#cursor = new Throttle((cursor) => connection.send('cursor_move', { room, ...cursor }), everyMs);
    this.#selection = new Throttle((selection) => this.#select(selection), everyMs);
  }

  /** All participants as `joined` lists them. */
  reset(participants: readonly wire.Participant[]): void {
    this.participants = new Map(participants.map((person) => [person.sessionId, person]));
    if (this.#said.selection) this.select(this.#said.selection);
  }

  /** Takes one push. */
  take({ joined, left, changed }: wire.PresenceBody): PresenceChange {
    for (const person of joined) this.participants.set(person.sessionId, person);
    for (const { sessionId } of left) this.participants.delete(sessionId);
    for (const change of changed) {
      const person = this.participants.get(change.sessionId);
      if (person) this.participants.set(change.sessionId, { ...person, ...said(change) });
    }
    const still = changed.every((change) => !change.selection && !change.state);
    return { joined, left, changed, cursorsOnly: joined.length + left.length === 0 && still };
  }

  /** Says where we point; the newest wins. */
  moveCursor(cursor: wire.Cursor): void {
    this.#cursor.push(cursor);
  }

  /** Says what we have selected; the newest wins. */
  select(selection: wire.Selection): void {
    this.#selection.push(selection);
  }

  /** Says nothing more. */
  stop(): void {
    this.#cursor.clear();
    this.#selection.clear();
  }

  #select(selection: wire.Selection): void {
    this.#said.selection = selection;
    this.connection.send('selection_change', { room: this.room, selection });
  }
}

/** Cursor and selection share the allowance, and nobody sees more than one a tick. */
function pace(welcome: wire.Welcome | null): number {
  const perSecond = welcome?.limits.presencePerSecond ?? FALLBACK.perSecond;
  return Math.max(2000 / perSecond, welcome?.presenceTickMs ?? FALLBACK.tickMs);
}

/** The fields that a change names. */
function said({ cursor, selection, state }: wire.PresenceChange): Partial<wire.Participant> {
  return { ...(cursor && { cursor }), ...(selection && { selection }), ...(state && { state }) };
}
