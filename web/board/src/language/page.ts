// Texts that stand in the page's HTML: `data-t`, `data-t-label`, `data-t-title` and
// `data-t-placeholder` name keys, and follow the language. Also says the language in `html lang`.

import { effect } from '@preact/signals';
import { type PlainKey, locale, t } from './index.js';

const PLACES = [['t', null], ['tLabel', 'aria-label'], ['tTitle', 'title'], ['tPlaceholder', 'placeholder']] as const;
const SELECTOR = '[data-t], [data-t-label], [data-t-title], [data-t-placeholder]';

/** Keeps the page in the language of now. */
export function followLanguage(): void {
  effect(() => {
    document.documentElement.lang = locale.value;
    for (const element of document.querySelectorAll<HTMLElement>(SELECTOR)) fill(element);
  });
}

function fill(element: HTMLElement): void {
  for (const [name, attribute] of PLACES) {
    const key = element.dataset[name] as PlainKey | undefined;
    if (!key) continue;
    if (attribute) element.setAttribute(attribute, t(key));
    else element.textContent = t(key);
  }
}
