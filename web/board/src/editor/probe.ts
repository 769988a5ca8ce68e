// Asks the service, while something is being dragged or edited, whether it would be taken. One
// question is under way at a time; the newest waits, older ones are dropped.

import type { Room, ServiceError, wire } from '@kyo/collaboration-client';

const PAUSE_MS = 90;

/** What is known of an operation before it is made; null when nobody could be asked. */
export type Answer = { warnings: wire.Conflict[] } | { error: ServiceError } | null;

/** See the module's comment. */
export class Probe {
  #busy = false;
  #next: wire.Operation | null = null;
  #round = 0;

  constructor(private readonly room: Room, private readonly answer: (answer: Answer, op: wire.Operation) => void) {}

  /** Asks about an operation as soon as the one before is answered. */
  ask(op: wire.Operation): void {
    this.#next = op;
    if (!this.#busy) void this.#run(this.#round);
  }

  /** Forgets questions and answers under way. */
  stop(): void {
    this.#round += 1;
    this.#next = null;
    this.#busy = false;
  }

  async #run(round: number): Promise<void> {
    this.#busy = true;
    while (this.#next && round === this.#round) {
      const op = this.#next;
      this.#next = null;
      const result = await this.room.probe(op);
      if (round !== this.#round) return;
      if (!this.#next) this.answer(result, op);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    if (round === this.#round) this.#busy = false;
  }
}
