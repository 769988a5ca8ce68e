// Which language is spoken: chosen by the person, else by the browser, and kept in this browser.

import { effect, signal } from '@preact/signals';
import { keep, kept } from './kept.js';

/** A language of the board, as `html lang` says it. */
export type Locale = 'en' | 'zh-Hant';

/** Every language by its own name. */
export const LANGUAGES: readonly { readonly locale: Locale; readonly name: string }[] = [
  { locale: 'en', name: 'English' }, { locale: 'zh-Hant', name: '繁體中文' },
];

const KEY = 'kyo.language';

/** The first language of ours that somebody prefers, of tags such as `zh-TW`. */
export function preferred(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const plain = tag.toLowerCase();
    if (plain.startsWith('zh')) return 'zh-Hant';
    if (plain.startsWith('en')) return 'en';
  }
  return 'en';
}

const spoken = kept(KEY);
const known = LANGUAGES.find(({ locale }) => locale === spoken)?.locale;

/** The language now. Reading it in a component makes the component follow it. */
export const locale = signal<Locale>(known ?? preferred(globalThis.navigator?.languages ?? []));

/** Speaks another language from now on. */
export function speak(next: Locale): void {
  locale.value = next;
  keep(KEY, next);
}

/** The tag for `Intl`: days and months in English are written the British way. */
export function intl(): string {
  return locale.value === 'en' ? 'en-GB' : 'zh-Hant-TW';
}

/** Calls `then` at each change of the language, not now; answers what stops that. */
export function onLanguage(then: () => void): () => void {
  let first = true;
  return effect(() => {
    locale.value;
    if (!first) queueMicrotask(then);
    first = false;
  });
}
