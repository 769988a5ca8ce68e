// One room or person that is followed, also while other pages are looked at. Bounded; a stream that
// broke is not followed again by itself, because each time is an entry of the audit.

import { batch, signal } from '@preact/signals';
import { follow, type Target } from '../service/follow.js';
import type { StreamEvent } from '../service/eventstream.js';
import { suffer } from './health.js';
import { operator } from './session.js';

const LIMIT = 500;

/** Something that was seen. */
export interface Seen { readonly n: number; readonly name: string; readonly facts: Readonly<Record<string, unknown>> }

/** How it stands: `broken` says that the connection went, `ended` why the service ended it. */
export type Following =
  | { readonly state: 'idle' }
  | { readonly state: 'asking' | 'live'; readonly target: Target }
  | { readonly state: 'ended' | 'broken' | 'refused'; readonly target: Target; readonly reason: string };

/** What is followed. */
export const following = signal<Following>({ state: 'idle' });
/** What was seen, the newest first. */
export const seen = signal<readonly Seen[]>([]);
/** What was seen since the list was held, which shows nothing new meanwhile; null while it moves. */
export const held = signal<readonly Seen[] | null>(null);

let count = 0;
let abort: AbortController | null = null;

/** Follows `target` from now on, instead of what was followed before. */
export async function start(target: Target): Promise<void> {
  stop();
  const token = operator.peek()?.token;
  if (!token) return;
  const mine = abort = new AbortController();
  batch(() => {
    seen.value = [];
    held.value = null;
    following.value = { state: 'asking', target };
  });
  const end = (state: 'ended' | 'broken' | 'refused', reason: string) => {
    if (abort === mine && following.peek().state !== 'ended') following.value = { state, target, reason };
  };
  try {
    await follow(token, target, mine.signal, (event) => abort === mine && see(event, target));
    end('broken', '');
  } catch (thrown) {
    if (mine.signal.aborted) return;
    const trouble = suffer(thrown);
    end(trouble.kind === 'unreachable' ? 'broken' : 'refused', trouble.kind === 'unreachable' ? '' : trouble.message);
  }
}

/** Follows nobody any more; what was seen stays. */
export function stop(): void {
  abort?.abort();
  abort = null;
  following.value = { state: 'idle' };
}

/** Follows nobody and forgets what was seen, as when another operator may sign in. */
export function forget(): void {
  stop();
  seen.value = [];
  held.value = null;
}

/** Holds the list still, or lets it move again. */
export function hold(still: boolean): void {
  held.value = still ? seen.peek() : null;
}

function see({ name, data }: StreamEvent, target: Target): void {
  const facts = JSON.parse(data) as Record<string, unknown>;
  if (name === 'following') following.value = { state: 'live', target };
  else if (name === 'end') following.value = { state: 'ended', target, reason: String(facts.reason) };
  else seen.value = [{ n: count += 1, name, facts }, ...seen.peek()].slice(0, LIMIT);
}
