// What is around every page: the navigation, what is wrong at the moment, and who is signed in.

import { type ComponentChildren } from 'preact';
import { clockText } from '../language/format.js';
import { t } from '../language/index.js';
import { PAGES } from '../model/place.js';
import { following } from '../state/follower.js';
import { silence } from '../state/health.js';
import { moved, overview, refusal } from '../state/live.js';
import { place } from '../state/place.js';
import { operator, signOut } from '../state/session.js';
import { Choices } from './choices.js';
import { said } from './said.js';

const EXPIRING_MS = 5 * 60_000;
const MOVED_MS = 30_000;

/** The frame with a page in it. */
export function Frame({ children }: { children: ComponentChildren }) {
  return (
    <div class={silence.value ?? refusal.value ? 'frame stale' : 'frame'}>
      <a class="skip" href="#page" onClick={(event) => { event.preventDefault(); document.getElementById('page')?.focus(); }}>{t('app.skip')}</a>
      <header class="side">
        <p class="brand"><img src="board/icon.svg" alt="" width="28" height="28" />Kyo <span>{t('app.console')}</span></p>
        <Navigation />
        <Person />
      </header>
      <main id="page" class="page" tabIndex={-1}>
        <Banners />
        {children}
        <p class="said" role="status">{said.value}</p>
      </main>
    </div>
  );
}

function Navigation() {
  return (
    <nav aria-label={t('app.nav')}>
      {PAGES.map((page) => (
        <a key={page} href={`#/${page}`} aria-current={place.value.page === page ? 'page' : undefined}>
          {t(`page.${page}`)}
          {page === 'follow' && following.value.state === 'live' && <span class="dot" role="img" aria-label={t('follow.live')} />}
        </a>
      ))}
    </nav>
  );
}

function Person() {
  const who = operator.value;
  if (!who) return null;
  return (
    <div class="person">
      <p><strong>{who.name}</strong><small>{who.tenant}</small></p>
      {who.until !== null && <p class="hint">{t('app.until', { time: clockText(who.until) })}</p>}
      <Choices />
      <button class="plain" type="button" onClick={() => signOut()}>{t('app.signOut')}</button>
    </div>
  );
}

function Banners() {
  // Reading the overview makes this look at the clock each second.
  const phase = overview.value?.phase;
  const now = Date.now();
  const left = (operator.value?.until ?? Infinity) - now;
  const quiet = silence.value;
  return (
    <div class="banners" role="status">
      {quiet && <p class="banner bad">{t('health.silent', { time: clockText(quiet.since) })}</p>}
      {refusal.value && <p class="banner bad">{t('health.trouble', { said: refusal.value.message })}</p>}
      {phase === 'draining' && <p class="banner">{t('health.draining')}</p>}
      {moved.value !== null && now - moved.value < MOVED_MS && <p class="banner">{t('health.moved')}</p>}
      {left < EXPIRING_MS && <p class="banner">{t('health.expiring', { count: Math.max(0, Math.ceil(left / 60_000)) })}</p>}
    </div>
  );
}
