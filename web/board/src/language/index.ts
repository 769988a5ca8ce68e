// The board's languages: `t('key', values)` says a sentence in the language of now. Texts live in one
// dictionary for each half of the board; both have every key in every language (see the test).

import { en as gridEnglish, zhHant as gridChinese } from './grid.js';
import { type Locale, locale } from '../../../shared/locale.js';
import { type Messages, type Values, sentence } from '../../../shared/message.js';
import { en as panelsEnglish, zhHant as panelsChinese } from './panels.js';

export { LANGUAGES, type Locale, intl, locale, onLanguage, speak } from '../../../shared/locale.js';
export * from './format.js';

const english = { ...panelsEnglish, ...gridEnglish };
const dictionaries: Record<Locale, Messages> = { en: english, 'zh-Hant': { ...panelsChinese, ...gridChinese } };

type English = typeof english;

/** Name of a text. */
export type Key = keyof English;

/** Keys of texts that want no values. */
export type PlainKey = { [K in Key]: Values<English[K]> extends [] ? K : never }[Key];

/** The text of a key in the language of now. */
export function t<K extends Key>(key: K, ...[values]: Values<English[K]>): string {
  return sentence(dictionaries[locale.value][key] ?? english[key], values ?? {}, locale.value);
}
