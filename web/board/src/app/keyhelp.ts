// The dialog that lists the keys.

import { type PlainKey, t } from '../language/index.js';
import { h } from './dom.js';

const KEYS: readonly (readonly [keys: string, text: PlainKey])[] = [
  ['↑ ↓ ← →', 'keys.focus'], ['Home End', 'keys.ends'], ['Enter', 'keys.open'], ['Alt + ↑ ↓ ← →', 'keys.move'],
  ['Alt + Shift + ↑ ↓', 'keys.resize'], ['Delete', 'keys.remove'], ['C', 'keys.create'],
  ['Ctrl + Z, Ctrl + Shift + Z', 'keys.undo'], ['N P T', 'keys.step'], ['W S R', 'keys.views'], ['H', 'keys.history'],
  ['Esc', 'keys.escape'],
];

/** Shows it until it is closed. */
export function showKeys(): void {
  const dialog = h('dialog', { class: 'keys', 'aria-labelledby': 'keys-title' },
    h('header', {}, h('h2', { id: 'keys-title' }, t('keys.title')),
      h('form', { method: 'dialog' }, h('button', { class: 'icon', 'aria-label': t('class.close') }, '×'))),
    h('dl', {}, KEYS.map(([keys, text]) => h('div', {}, h('dt', {}, h('kbd', {}, keys)), h('dd', {}, t(text))))));
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
