// Travel in time: which moment of the room is shown, and its timetable. Never changes the room; what
// leaves here for the service is `restore` alone.

import type { Room, Timetable, wire } from '@kyo/collaboration-client';
import { batch, signal } from '@preact/signals';

const SETTLE_MS = 120;
const PLAY_MS = 700;
const MOST = 64;

/** See the module's comment. */
export class Past {
  /** The sequence number that is wanted; null: now. */
  readonly at = signal<number | null>(null);
  /** What is shown: the wanted moment, or while that is read the one before it. */
  readonly shown = signal<Timetable | null>(null);
  /** The event that made the shown moment; none at the beginning. */
  readonly event = signal<wire.Event | null>(null);
  readonly playing = signal(false);
  readonly problem = signal('');
  readonly #kept = new Map<number, { timetable: Timetable; event: wire.Event | null }>();
  #settle: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(private readonly room: Room) {}

  /** The newest step. */
  get last(): number {
    return this.room.timetable.seq;
  }

  /** Shows the moment after event `seq`; soon, so that a slider may be dragged over many. */
  go(seq: number): void {
    const at = Math.max(0, Math.min(this.last, Math.round(seq)));
    this.#turn += 1;
    this.at.value = at;
    this.problem.value = '';
    clearTimeout(this.#settle);
    const kept = this.#kept.get(at);
    if (kept) this.#show(at, kept);
    else this.#settle = setTimeout(() => void this.#load(at), this.shown.peek() ? SETTLE_MS : 0);
  }

  /** One step on or back. */
  step(by: 1 | -1): void {
    this.go((this.at.peek() ?? this.last) + by);
  }

  /** Goes on by itself, from the beginning when it is at the end; or stops doing so. */
  play(on = !this.playing.peek()): void {
    clearTimeout(this.#beat);
    this.playing.value = on;
    if (!on) return;
    if ((this.at.peek() ?? this.last) >= this.last) this.go(0);
    this.#plan();
  }

  /** Back to now. */
  leave(): void {
    this.#turn += 1;
    this.play(false);
    clearTimeout(this.#settle);
    batch(() => {
      this.at.value = null;
      this.shown.value = null;
      this.event.value = null;
    });
  }

  /** Makes today's timetable equal to the shown one, then goes back to now. */
  async restore(): Promise<wire.Ack | null> {
    const seq = this.at.peek();
    if (seq === null) return null;
    this.play(false);
    const ack = await this.room.apply({ kind: 'restore', seq });
    if (ack) this.leave();
    return ack;
  }

  /** A step is played when the one before it has been seen. */
  #plan(): void {
    this.#beat = setTimeout(() => {
      if (this.shown.peek()?.seq === this.at.peek()) this.step(1);
      if (this.problem.peek() || (this.at.peek() ?? this.last) >= this.last) this.playing.value = false;
      else this.#plan();
    }, PLAY_MS);
  }

  async #load(at: number): Promise<void> {
    const turn = this.#turn;
    try {
      const [timetable, event] = await Promise.all([this.room.snapshot(at), this.#eventOf(at)]);
      this.#keep(at, { timetable, event });
      if (turn === this.#turn) this.#show(at, { timetable, event });
    } catch (error) {
      if (turn === this.#turn) this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  async #eventOf(at: number): Promise<wire.Event | null> {
    if (at === 0) return null;
    return (await this.room.history({ after: at - 1, limit: 1 })).events[0] ?? null;
  }

  #keep(at: number, moment: { timetable: Timetable; event: wire.Event | null }): void {
    this.#kept.set(at, moment);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
  }

  #show(at: number, { timetable, event }: { timetable: Timetable; event: wire.Event | null }): void {
    if (this.at.peek() !== at) return;
    batch(() => {
      this.shown.value = timetable;
      this.event.value = event;
    });
  }
}
