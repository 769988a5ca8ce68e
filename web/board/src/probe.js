// Asks the service, while something is being dragged or edited, whether it would be taken. One
// question is under way at a time; the newest waits, older ones are dropped.

const PAUSE_MS = 90;

export class Probe {
  #busy = false;
  #next = null;
  #round = 0;

  /** `answer(result, op)` is called with `{warnings}`, `{error}` or null (offline). */
  constructor(room, answer) {
    this.room = room;
    this.answer = answer;
  }

  ask(op) {
    this.#next = op;
    if (!this.#busy) this.#run(this.#round);
  }

  /** Forgets questions and answers under way. */
  stop() {
    this.#round += 1;
    this.#next = null;
    this.#busy = false;
  }

  async #run(round) {
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
