// The panels of one room: which of them is open in the drawer beside the week, and time travel. What
// the board needs to know of them is here and nowhere else.

import type { Timetable } from '@kyo/collaboration-client';
import { type VNode, render } from 'preact';
import { byId } from '../app/dom.js';
import { onLanguage, t } from '../language/index.js';
import { CalendarLink } from './calendar.js';
import { Choices } from './choices.js';
import { Desk, type Surroundings } from './desk.js';
import { Dialog, closeDialogs, openDialog } from './dialog.js';
import { History } from './history.js';
import { Importer } from './importer.js';
import { Log } from './log.js';
import { Participants } from './participants.js';
import { Past } from './past.js';
import { Slider } from './slider.js';
import { Templates } from './templates.js';

/** What opens in the drawer. */
export type PanelName = 'history' | 'people' | 'templates';

/** What the board does when panels change. */
export interface Hooks {
  /** Something else must be drawn. */
  readonly changed: () => void;
  /** A panel takes the drawer. */
  readonly opened: () => void;
  /** The drawer is free. */
  readonly closed: () => void;
}

/** See the module's comment. */
export class Panels {
  /** What is in the drawer. */
  open: PanelName | null = null;
  readonly desk: Desk;
  readonly log: Log;
  readonly #past: Past;
  #container: HTMLElement | null = null;
  #opener: Element | null = null;
  #stops: (() => void)[];

  constructor(around: Surroundings, private readonly hooks: Hooks) {
    this.desk = new Desk(around, () => this.hide());
    this.log = new Log(around.room);
    this.#past = new Past(around.room);
    render(<Slider desk={this.desk} past={this.#past} />, byId('past'));
    this.#stops = [
      this.#past.shown.subscribe(later(hooks.changed)),
      this.#past.at.subscribe(later(() => {
        if (this.travelling) this.#makeWay();
        hooks.changed();
      })),
      onLanguage(hooks.changed),
      around.room.on('event', ({ event, before }) => this.log.saw(event, before)),
    ];
  }

  /** The timetable of another time, while it is shown; it can't be changed. */
  get past(): Timetable | null {
    return this.#past.at.peek() === null ? null : this.#past.shown.peek();
  }

  /** Whether time travel is on, also while its first moment is being read. */
  get travelling(): boolean {
    return this.#past.at.peek() !== null;
  }

  /** Starts time travel at the newest step, or ends it. */
  travel(): void {
    if (this.travelling) this.#past.leave();
    else this.#past.go(this.#past.last);
  }

  /** Opens a panel, or closes it when it is open. */
  toggle(name: PanelName): void {
    if (this.open === name) this.hide();
    else this.#show(name);
  }

  /** Opens one of the dialogs. */
  dialog(name: 'import' | 'calendar' | 'settings'): void {
    openDialog((close) => {
      switch (name) {
        case 'import': return <Importer desk={this.desk} close={close} />;
        case 'calendar': return <CalendarLink desk={this.desk} close={close} />;
        case 'settings': return <Settings close={close} />;
      }
    });
  }

  /** On a small screen the drawer would hide the week that one wants to see. */
  #makeWay(): void {
    if (this.open && matchMedia('(max-width: 760px)').matches) this.hide();
  }

  #show(name: PanelName): void {
    this.hide();
    this.#opener = document.activeElement;
    this.hooks.opened();
    this.open = name;
    const panel = byId('panel');
    this.#container = document.createElement('div');
    panel.replaceChildren(this.#container);
    panel.hidden = false;
    panel.setAttribute('aria-label', t(name === 'people' ? 'people.here' : `${name === 'history' ? 'history' : 'template'}.heading`));
    render(this.#content(name), this.#container);
    if (name === 'history') void this.log.begin();
    this.hooks.changed();
  }

  #content(name: PanelName): VNode {
    switch (name) {
      case 'history': return <History desk={this.desk} log={this.log} past={this.#past} />;
      case 'people': return <Participants desk={this.desk} />;
      case 'templates': return <Templates desk={this.desk} />;
    }
  }

  /** Frees the drawer; the focus goes back to where it was. */
  hide(): void {
    if (!this.#container) return;
    const inside = this.#container.contains(document.activeElement);
    render(null, this.#container);
    this.#container.remove();
    this.#container = null;
    this.open = null;
    this.log.end();
    byId('panel').hidden = true;
    if (inside && this.#opener instanceof HTMLElement) this.#opener.focus();
    this.hooks.closed();
  }

  /** Ends all of them. */
  stop(): void {
    this.hide();
    closeDialogs();
    this.#past.leave();
    for (const stop of this.#stops) stop();
    this.desk.stop();
    render(null, byId('past'));
  }
}

/** A subscription tells what is so at first; only changes are of interest. */
function later(then: () => void): () => void {
  let first = true;
  return () => {
    if (!first) then();
    first = false;
  };
}

function Settings({ close }: { close: () => void }) {
  return <Dialog title={t('app.settings')} close={close}><Choices /></Dialog>;
}
