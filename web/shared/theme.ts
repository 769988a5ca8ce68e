// Light or dark: chosen by the person, else like the system, and kept in this browser. The style
// sheet does the rest by `html[data-theme]`.

import { effect, signal } from '@preact/signals';
import { keep, kept } from './kept.js';

/** What a person may choose. */
export const THEMES = ['system', 'light', 'dark'] as const;

/** One of them. */
export type Theme = (typeof THEMES)[number];

const KEY = 'kyo.theme';
const before = THEMES.find((name) => name === kept(KEY));

/** The choice now. */
export const theme = signal<Theme>(before ?? 'system');

/** Chooses another from now on. */
export function wear(next: Theme): void {
  theme.value = next;
  keep(KEY, next);
}

/** Keeps the page in the chosen theme. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}
