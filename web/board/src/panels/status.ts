// Shows how the connection is: the pill in the bar, and the line below it with `retry now`.

import type { Client } from '@kyo/collaboration-client';
import { byId, h } from '../app/dom.js';
import { t } from '../language/index.js';
import { type Facts, describe } from './connection.js';

const SLOW_MS = 700;
/** How long a refusal for want of capacity counts as trouble of the service. */
const TROUBLE_MS = 15_000;
const TROUBLES = ['busy', 'unavailable', 'internal'];

/** What the board knows and the client does not. */
export type Work = () => Pick<Facts, 'joined' | 'pending'>;

/** See the module's comment. */
export class Status {
  #since = 0;
  #draining = false;
  #trouble = { text: '', until: 0 };
  #stops: (() => void)[];
  #shown = '';

  constructor(private readonly element: HTMLElement, private readonly client: Client, private readonly work: Work) {
    const tick = setInterval(() => this.draw(), 500);
    element.onclick = () => client.retryNow();
    this.#stops = [
      () => clearInterval(tick),
      client.on('draining', () => { this.#draining = true; }),
      client.on('state', (state) => {
        if (state !== 'live') this.#draining = false;
        this.draw();
      }),
      client.on('problem', (error) => this.noticed(error)),
    ];
  }

  /** A refusal: some codes tell that the service is in trouble, not that the request was wrong. */
  noticed({ code, message }: { code: string; message: string }): void {
    if (!TROUBLES.includes(code)) return;
    this.#trouble = { text: message, until: Date.now() + TROUBLE_MS };
    this.draw();
  }

  /** Ends it. */
  stop(): void {
    for (const stop of this.#stops) stop();
    byId('banner').hidden = true;
  }

  /** Shows what is so now. */
  draw(): void {
    const { tone, text, title, banner, retry } = describe(this.#facts());
    const key = JSON.stringify([tone, text, title, banner, retry]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.element.textContent = text;
    this.element.className = `status ${tone}`;
    this.element.title = title;
    this.#banner(banner, retry);
  }

  /** The words change each second; the button stays the same, or nobody could press it. */
  #banner(text: string, retry: boolean): void {
    const line = byId('banner');
    line.hidden = text === '';
    const words = line.firstElementChild ?? line.appendChild(h('span'));
    if (words.textContent !== text) words.textContent = text;
    const button = line.querySelector('button');
    if (!retry) button?.remove();
    else if (button) button.textContent = t('status.retryNow');
    else line.append(h('button', { class: 'link', type: 'button', onclick: () => this.client.retryNow() }, t('status.retryNow')));
  }

  #facts(): Facts {
    const { client } = this;
    const work = this.work();
    const now = Date.now();
    if (work.pending === 0) this.#since = 0;
    else if (this.#since === 0) this.#since = now;
    return {
      ...work, state: client.state, retryAt: client.retryAt, reason: client.reason, now, draining: this.#draining,
      slow: this.#since > 0 && now - this.#since > SLOW_MS, trouble: now < this.#trouble.until ? this.#trouble.text : '',
    };
  }
}
