// The words for how the connection is, never better than it is. Pure.

import type { State } from '@kyo/collaboration-client';
import { t } from '../language/index.js';

/** What is known of the connection at a moment. */
export interface Facts {
  readonly state: State;
  readonly joined: boolean;
  /** Changes that are not confirmed. */
  readonly pending: number;
  /** Whether a confirmation takes unusually long. */
  readonly slow: boolean;
  /** When the next try is planned, 0 when none is. */
  readonly retryAt: number;
  readonly reason: string;
  readonly now: number;
  /** This node goes away, and the session moves on its own. */
  readonly draining?: boolean;
  /** The service's own words for what is wrong with it, while the link is up. */
  readonly trouble?: string;
}

/** The pill in the bar, and the line below it. */
export interface Description {
  readonly tone: 'live' | 'saving' | 'waiting' | 'offline';
  readonly text: string;
  readonly title: string;
  readonly banner: string;
  /** Whether trying now is of use. */
  readonly retry: boolean;
}

/** Describes a state. */
export function describe(facts: Facts): Description {
  const { state, joined, pending, reason } = facts;
  if (state === 'live' && joined) return linked(facts);
  const unsent = pending > 0 ? ` · ${t('status.unsent', { count: pending })}` : '';
  const kept = pending > 0 ? ` ${t('status.kept', { count: pending })}` : '';
  if (state === 'stopped') {
    const banner = reason ? t('status.stoppedWhy', { reason }) : t('status.stoppedLong');
    return { tone: 'offline', text: t('status.stopped') + unsent, title: reason, banner: banner + kept, retry: false };
  }
  if (state === 'offline') {
    return { tone: 'offline', text: t('status.offline') + unsent, title: t('status.noNetwork'), banner: t('status.offlineLong') + kept, retry: true };
  }
  if (state === 'waiting') {
    const seconds = Math.max(0, Math.ceil((facts.retryAt - facts.now) / 1000));
    const banner = seconds > 0 ? t('status.waitingIn', { count: seconds }) : t('status.waitingLong');
    return { tone: 'waiting', text: t('status.waiting') + unsent, title: t('status.clickToRetry'), banner: banner + kept, retry: true };
  }
  const connecting = t('status.connecting');
  return { tone: 'waiting', text: connecting + unsent, title: '', banner: kept ? `${connecting}.${kept}` : '', retry: false };
}

function linked({ pending, slow, draining, trouble }: Facts): Description {
  const plain = { retry: false, banner: '' };
  if (slow) {
    return { ...plain, tone: 'saving', text: t('status.saving', { count: pending }), title: t('status.unconfirmed', { count: pending }) };
  }
  if (draining) return { ...plain, tone: 'saving', text: t('status.draining'), title: t('status.drainingLong') };
  if (trouble) {
    return { ...plain, tone: 'waiting', text: t('status.degraded'), title: trouble, banner: t('status.degradedLong', { reason: trouble }) };
  }
  return { ...plain, tone: 'live', text: t('status.live'), title: t('status.liveTitle') };
}
