// What every panel of a room works with: the room, the people, and signals that tell of changes.

import type { Client, Room } from '@kyo/collaboration-client';
import { type Signal, signal } from '@preact/signals';
import type { People } from './people.js';
import type { Session } from './session.js';

/** What the board gives to its panels. */
export interface Surroundings {
  readonly client: Client;
  readonly room: Room;
  readonly people: People;
  readonly session: Session;
  /** The room's zone. */
  readonly zone: () => string;
  /** The Monday that is shown. */
  readonly monday: () => number;
  /** Shows another week. */
  readonly go: (monday: number) => void;
}

/** See the module's comment. */
export class Desk {
  /** Reading it in a component makes the component follow the room. */
  readonly changes: Signal<number> = signal(0);
  /** The same for people. */
  readonly presence: Signal<number> = signal(0);
  readonly client: Client;
  readonly room: Room;
  readonly people: People;
  readonly session: Session;
  #around: Surroundings;
  #stops: (() => void)[];

  constructor(around: Surroundings, readonly close: () => void) {
    ({ client: this.client, room: this.room, people: this.people, session: this.session } = around);
    this.#around = around;
    const count = (signal: Signal<number>) => () => { signal.value = signal.peek() + 1; };
    this.#stops = [this.room.on('change', count(this.changes)), this.people.on('change', count(this.presence))];
  }

  get zone(): string { return this.#around.zone(); }
  get monday(): number { return this.#around.monday(); }
  get editable(): boolean { return this.room.editable; }
  get owner(): boolean { return this.room.record?.role === 'owner'; }

  /** Shows another week. */
  go(monday: number): void {
    this.#around.go(monday);
  }

  /** Ends it. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }
}
