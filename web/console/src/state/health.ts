// Whether the service answers this console. What it says of itself is in the overview.

import { signal } from '@preact/signals';
import { type Trouble, asTrouble } from '../service/trouble.js';
import { signOut } from './session.js';

/** Since when nothing is heard and why; null while it answers. */
export const silence = signal<{ readonly since: number; readonly trouble: Trouble } | null>(null);

/** An answer came. */
export function heard(): void {
  if (silence.peek()) silence.value = null;
}

/** What to do with what was thrown: a token that is not good any more leads to the door. */
export function suffer(thrown: unknown): Trouble {
  const trouble = asTrouble(thrown);
  if (trouble.kind === 'expired') signOut('expired');
  else if (trouble.kind === 'unreachable') silence.value = { since: silence.peek()?.since ?? Date.now(), trouble };
  return trouble;
}
