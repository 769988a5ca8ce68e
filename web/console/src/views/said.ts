// The last thing that was done, as one sentence at the page's foot; screen readers hear it.

import { signal } from '@preact/signals';

const SHOWN_MS = 8000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The sentence of now. */
export const said = signal('');

/** Says something for a while. */
export function say(text: string): void {
  said.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    said.value = '';
  }, SHOWN_MS);
}
