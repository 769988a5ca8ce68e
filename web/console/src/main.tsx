// The operators' console: starts the page and what follows who is signed in.

import 'uplot/dist/uPlot.min.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { locale } from '../../shared/locale.js';
import { followTheme } from '../../shared/theme.js';
import { t } from './language/index.js';
import { forget } from './state/follower.js';
import { watch } from './state/live.js';
import { followAddress } from './state/place.js';
import { operator } from './state/session.js';
import { App } from './views/app.js';

followTheme();
followAddress();
effect(() => {
  document.documentElement.lang = locale.value;
  document.title = t('app.title');
});
effect(() => {
  if (!operator.value) return forget();
  return watch();
});

const root = document.getElementById('app');
if (!root) throw new Error('the page has no #app');
render(<App />, root);
