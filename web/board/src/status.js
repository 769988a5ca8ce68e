// Says how the connection is, and never better than it is.

import { byId } from './app/dom.js';

const SLOW_MS = 700;

export class Status {
  #since = 0;
  #timer = 0;

  /** `read` answers `{state, joined, pending, retryAt, reason}`. */
  constructor(element, read, retry) {
    Object.assign(this, { element, read });
    this.tick = setInterval(() => this.draw(), 500);
    element.onclick = retry;
  }

  stop() {
    clearInterval(this.tick);
    clearTimeout(this.#timer);
    byId('banner').hidden = true;
  }

  draw() {
    const { tone, text, title, banner } = describe(this.#facts());
    const { element } = this;
    if (element.textContent !== text) element.textContent = text;
    element.className = `status ${tone}`;
    element.title = title;
    const line = byId('banner');
    line.hidden = !banner;
    if (line.textContent !== banner) line.textContent = banner;
  }

  #facts() {
    const facts = this.read();
    if (facts.pending === 0) this.#since = 0;
    else if (this.#since === 0) this.#since = Date.now();
    return { ...facts, slow: this.#since > 0 && Date.now() - this.#since > SLOW_MS, now: Date.now() };
  }
}

const changes = (count) => `${count} ${count === 1 ? 'change' : 'changes'}`;

/** The words for a state of the connection. */
export function describe({ state, joined, pending, slow, retryAt, reason, now }) {
  const unsent = pending > 0 ? ` · ${pending} unsent` : '';
  const kept = pending > 0
    ? ` ${changes(pending)} ${pending === 1 ? 'waits' : 'wait'} in this window and will be sent.` : '';
  if (state === 'live' && joined) {
    if (slow) return { tone: 'saving', text: `Saving ${pending}…`, title: `${changes(pending)} not confirmed yet`, banner: '' };
    return { tone: 'live', text: 'Live', title: 'Every confirmed change is stored', banner: '' };
  }
  if (state === 'stopped') {
    return { tone: 'offline', text: `Disconnected${unsent}`, title: reason, banner: `The service ended the connection${reason ? `: ${reason}` : ''}. Reload the page to continue.` };
  }
  if (state === 'offline') {
    return { tone: 'offline', text: `Offline${unsent}`, title: 'No network', banner: `No network. What you see may be old.${kept}` };
  }
  if (state === 'waiting') {
    const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
    return { tone: 'waiting', text: `Reconnecting${unsent}`, title: 'Click to try now', banner: `Connection lost. Trying again${seconds > 0 ? ` in ${seconds} s` : ''}. What you see may be old.${kept}` };
  }
  return { tone: 'waiting', text: `Connecting${unsent}`, title: '', banner: pending > 0 ? `Connecting.${kept}` : '' };
}
