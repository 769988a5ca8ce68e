// Order and search of tables. Pure.

/** What rows are put in order by; null is unknown and comes last, whichever way. */
export type Sortable = string | number | null;

/** A column's name and direction. */
export interface Order { readonly by: string; readonly down: boolean }

/** Rows in order; equal ones keep theirs. */
export function sorted<T>(rows: readonly T[], value: (row: T) => Sortable, down: boolean): T[] {
  return rows.map((row) => ({ row, key: value(row) })).sort((a, b) => compare(a.key, b.key, down)).map(({ row }) => row);
}

function compare(a: Sortable, b: Sortable, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return down ? -order : order;
}

/** The order after a click on a column: the other way round, or the column's own first direction. */
export function nextOrder(order: Order, by: string, downFirst: boolean): Order {
  return order.by === by ? { by, down: !order.down } : { by, down: downFirst };
}

/** Whether every word of `wanted` is in one of the texts. */
export function matches(wanted: string, texts: readonly string[]): boolean {
  const all = texts.join('\n').toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}
