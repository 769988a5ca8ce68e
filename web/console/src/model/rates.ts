// How fast counts grow, from two answers. Pure.

/** Counts that only grow, of one counter (`node` and `since` say which). */
export interface Counts {
  readonly node: string;
  readonly since: string;
  readonly at: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Operations a second in the few groups that a chart can show. */
export interface Rates { readonly committed: number; readonly dryRun: number; readonly duplicate: number; readonly refused: number }

const GROUPS: Readonly<Record<string, keyof Rates>> = { committed: 'committed', dry_run: 'dryRun', duplicate: 'duplicate' };

/** Rates between two answers; null when they are not of the same counter, or no time passed. */
export function ratesBetween(before: Counts | null, now: Counts): Rates | null {
  if (!before || before.node !== now.node || before.since !== now.since || now.at <= before.at) return null;
  const seconds = (now.at - before.at) / 1000;
  const rates = { committed: 0, dryRun: 0, duplicate: 0, refused: 0 };
  for (const [outcome, count] of Object.entries(now.outcomes)) {
    const grown = count - (before.outcomes[outcome] ?? 0);
    if (grown < 0) return null;
    rates[GROUPS[outcome] ?? 'refused'] += grown / seconds;
  }
  return rates;
}
