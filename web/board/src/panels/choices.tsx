// What a person may choose for this browser: the language and the theme.

import { LANGUAGES, type Locale, locale, speak, t } from '../language/index.js';
import { THEMES, type Theme, theme, wear } from '../../../shared/theme.js';

/** Two selects, side by side. */
export function Choices() {
  return (
    <div class="choices">
      <label class="field">
        <span>{t('app.language')}</span>
        <select name="language" value={locale.value} onChange={(event) => speak(event.currentTarget.value as Locale)}>
          {LANGUAGES.map(({ locale: value, name }) => <option key={value} value={value} lang={value}>{name}</option>)}
        </select>
      </label>
      <label class="field">
        <span>{t('app.theme')}</span>
        <select name="theme" value={theme.value} onChange={(event) => wear(event.currentTarget.value as Theme)}>
          {THEMES.map((value) => <option key={value} value={value}>{t(`theme.${value}`)}</option>)}
        </select>
      </label>
    </div>
  );
}
