// Small pieces that pages have in common.

import type { ComponentChildren } from 'preact';
import { t } from '../language/index.js';
import type { Trouble } from '../service/trouble.js';

/** A page's title with what belongs beside it. */
export function PageHead({ title, children }: { title: ComponentChildren; children?: ComponentChildren }) {
  return <div class="page-head"><h1>{title}</h1>{children}</div>;
}

/** A part of a page. */
export function Card({ title, note, children }: { title: string; note?: ComponentChildren; children: ComponentChildren }) {
  return <section class="card"><header><h2>{title}</h2>{note && <span class="soft">{note}</span>}</header>{children}</section>;
}

/** A number and what it is. */
export function Fact({ name, value, note, tone = '' }: { name: string; value: ComponentChildren; note?: ComponentChildren; tone?: string }) {
  return <div class={`fact ${tone}`}><dt>{name}</dt><dd>{value}</dd>{note && <dd class="note">{note}</dd>}</div>;
}

/** What there is when there is nothing. */
export const Nothing = ({ children }: { children: ComponentChildren }) => <p class="nothing">{children}</p>;

/** Why the last request was refused; silence is told once, above the page. */
export function Refused({ trouble }: { trouble: Trouble | null }) {
  if (!trouble || trouble.kind !== 'refused' && trouble.kind !== 'forbidden') return null;
  return <p class="banner" role="alert">{t('health.trouble', { said: trouble.message })}</p>;
}

/** An id, short, whole as its title: ids of this service begin with the time, so the end tells them apart. */
export const Id = ({ of }: { of: string }) => <code title={of}>{of.length > 14 ? `…${of.slice(-8)}` : of}</code>;

/** A word with a colour. */
export const Tag = ({ tone, children }: { tone: 'good' | 'bad' | 'warn' | 'plain'; children: ComponentChildren }) => <span class={`tag ${tone}`}>{children}</span>;

/** How an operation ended, coloured. */
export function toneOf(outcome: string): 'good' | 'bad' | 'plain' {
  if (outcome === 'committed' || outcome === 'done') return 'good';
  return outcome === 'duplicate' || outcome === 'dry_run' ? 'plain' : 'bad';
}
