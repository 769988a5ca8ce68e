// The overview, asked each second for as long as an operator is signed in, and its last ten minutes.

import { signal } from '@preact/signals';
import { History, type Sample } from '../model/history.js';
import { type Moment, countsOf, momentOf } from '../model/moment.js';
import { type Counts, ratesBetween } from '../model/rates.js';
import * as api from '../service/api.js';
import type { Overview } from '../service/facts.js';
import type { Trouble } from '../service/trouble.js';
import { heard, suffer } from './health.js';
import { poll } from './polling.js';
import { operator, signOut } from './session.js';

const EVERY_MS = 1000;
/** What charts show. */
export const SPAN_MS = 600_000;

const kept = new History<Moment>(SPAN_MS, SPAN_MS / EVERY_MS + 1);
let counts: Counts | null = null;

/** The last overview. */
export const overview = signal<Overview | null>(null);
/** The last ten minutes. */
export const history = signal<readonly Sample<Moment>[]>([]);
/** Why the service refused the last overview, or null: what is shown then is old. */
export const refusal = signal<Trouble | null>(null);
/** When another replica than before answered, or null. */
export const moved = signal<number | null>(null);

/** Asks until the returned function is called; then everything is forgotten. */
export function watch(): () => void {
  const stop = poll(EVERY_MS, ask);
  return () => {
    stop();
    kept.clear();
    counts = null;
    history.value = [];
    overview.value = null;
    moved.value = null;
    refusal.value = null;
  };
}

async function ask(): Promise<void> {
  const token = operator.peek()?.token;
  if (!token) return;
  try {
    take(await api.overview(token), Date.now());
    heard();
    refusal.value = null;
  } catch (thrown) {
    const trouble = suffer(thrown);
    if (trouble.kind === 'forbidden') signOut('forbidden', trouble.message);
    refusal.value = trouble.kind === 'refused' ? trouble : null;
    kept.add(Date.now(), null);
    counts = null;
  }
  history.value = kept.samples;
}

function take(answer: Overview, at: number): void {
  const before = overview.peek();
  if (before && before.node !== answer.node) {
    moved.value = at;
    kept.add(at - 1, null);
  }
  const next = countsOf(answer, at);
  kept.add(at, momentOf(answer, ratesBetween(counts, next)));
  counts = next;
  overview.value = answer;
}
