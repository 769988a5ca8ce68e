// Short messages at the edge of the page, with things to do about them.

import { byId, h } from './app/dom.js';

const PLAIN_MS = 6000;
const MOST = 4;

/**
 * Shows a message. `actions` are `{label, run, primary?}`; `extra` is an element below the text.
 * Errors stay until they are closed or acted upon.
 */
export function toast({ title, text = '', tone = 'info', actions = [], extra = null, key = null }) {
  const list = byId('toasts');
  if (key) list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const close = () => element.remove();
  const element = h('div', { class: `toast ${tone}`, role: tone === 'error' ? 'alert' : 'status' },
    h('div', { class: 'toast-text' },
      h('strong', {}, title),
      text && h('p', {}, text),
      actions.length > 0 && h('div', { class: 'toast-actions' }, actions.map((action) => h('button', {
        class: action.primary ? 'chip strong' : 'chip',
        type: 'button',
        onclick: () => {
          if (!action.stay) close();
          action.run();
        },
      }, action.label))),
      extra),
    h('button', { class: 'icon', type: 'button', 'aria-label': 'Dismiss', onclick: close }, '×'));
  if (key) element.dataset.key = key;
  list.append(element);
  while (list.children.length > MOST) list.firstElementChild.remove();
  if (tone !== 'error') setTimeout(close, PLAIN_MS);
  return close;
}
