// What one may choose for this browser: the language and the theme.

import { THEMES, type Theme, theme, wear } from '../../../shared/theme.js';
import { LANGUAGES, type Locale, locale, speak, t } from '../language/index.js';

/** Two selects. */
export function Choices() {
  return (
    <div class="choices">
      <select aria-label={t('app.language')} value={locale.value} onChange={(event) => speak(event.currentTarget.value as Locale)}>
        {LANGUAGES.map(({ locale: value, name }) => <option key={value} value={value} lang={value}>{name}</option>)}
      </select>
      <select aria-label={t('app.theme')} value={theme.value} onChange={(event) => wear(event.currentTarget.value as Theme)}>
        {THEMES.map((value) => <option key={value} value={value}>{t(`theme.${value}`)}</option>)}
      </select>
    </div>
  );
}
