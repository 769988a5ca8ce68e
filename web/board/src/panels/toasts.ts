// Short messages at the edge of the page, with things to do about them.

import { byId, h } from '../app/dom.js';
import { t } from '../language/index.js';

const PLAIN_MS = 6000;
const MOST = 4;

/** Something to do about a message. `stay` leaves the message open. */
export interface ToastAction {
  readonly label: string;
  readonly run: () => unknown;
  readonly primary?: boolean | undefined;
  readonly stay?: boolean | undefined;
}

/** A message. Of two with the same key the newer stays. */
export interface Toast {
  readonly title: string;
  readonly text?: string | undefined;
  readonly tone?: 'info' | 'error' | undefined;
  readonly actions?: readonly ToastAction[] | undefined;
  /** Shown below the text. */
  readonly extra?: HTMLElement | null | undefined;
  readonly key?: string | null | undefined;
}

/** Shows a message; answers what closes it. Errors stay until they are closed or acted upon. */
export function toast({ title, text = '', tone = 'info', actions = [], extra = null, key = null }: Toast): () => void {
  const list = byId('toasts');
  if (key) list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const close = () => element.remove();
  const element = h('div', { class: `toast ${tone}`, role: tone === 'error' ? 'alert' : 'status' },
    h('div', { class: 'toast-text' },
      h('strong', {}, title), text && h('p', {}, text),
      actions.length > 0 && h('div', { class: 'toast-actions' }, actions.map((action) => button(action, close))), extra),
    h('button', { class: 'icon', type: 'button', 'aria-label': t('app.dismiss'), onclick: close }, '×'));
  if (key) element.dataset.key = key;
  list.append(element);
  while (list.children.length > MOST) list.firstElementChild?.remove();
  if (tone !== 'error') setTimeout(close, PLAIN_MS);
  return close;
}

function button(action: ToastAction, close: () => void): HTMLElement {
  const run = () => {
    if (!action.stay) close();
    action.run();
  };
  return h('button', { class: action.primary ? 'chip strong' : 'chip', type: 'button', onclick: run }, action.label);
}
