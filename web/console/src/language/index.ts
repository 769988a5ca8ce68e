// The console's languages: `t('key', values)` says a sentence in the language of now.

import { type Locale, locale } from '../../../shared/locale.js';
import { type Messages, type Values, sentence } from '../../../shared/message.js';
import { en } from './en.js';
import { zhHant } from './zh.js';

export { LANGUAGES, type Locale, locale, speak } from '../../../shared/locale.js';

const dictionaries: Record<Locale, Messages> = { en, 'zh-Hant': zhHant };

type English = typeof en;

/** Name of a text. */
export type Key = keyof English;

/** Keys of texts that want no values. */
export type PlainKey = { [K in Key]: Values<English[K]> extends [] ? K : never }[Key];

/** The text of a key in the language of now. */
export function t<K extends Key>(key: K, ...[values]: Values<English[K]>): string {
  return sentence(dictionaries[locale.value][key] ?? en[key], values ?? {}, locale.value);
}

/** The text of a word of the service, or the word itself where it is new to the console. */
export function word(family: 'outcome' | 'action' | 'standing' | 'phase' | 'audit' | 'follow' | 'seen', name: string): string {
  const key = `${family}.${name}`;
  return key in en ? t(key as PlainKey) : name;
}
