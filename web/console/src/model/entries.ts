// Pages of the audit put together. Pure.

import type { AuditEntry } from '../service/facts.js';

/** Entries that are kept at most; older ones are asked for again when they are wanted. */
export const MAX_ENTRIES = 2000;

/** Both, each once, the newest first. */
export function merged(known: readonly AuditEntry[], more: readonly AuditEntry[]): readonly AuditEntry[] {
  const all = new Map([...known, ...more].map((entry) => [entry.id, entry]));
  return [...all.values()].sort((a, b) => b.id - a.id).slice(0, MAX_ENTRIES);
}
