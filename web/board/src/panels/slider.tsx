// The bar of time travel above the week: says as of when, moves, plays and restores.

import { toWall } from '../app/time.js';
import { momentText, t } from '../language/index.js';
import type { Desk } from './desk.js';
import { ask } from './dialog.js';
import type { Past } from './past.js';
import { toast } from './toasts.js';

/** Nothing while now is shown. */
export function Slider({ desk, past }: { desk: Desk; past: Past }) {
  desk.changes.value;
  const at = past.at.value;
  if (at === null) return null;
  return (
    <section class="past" aria-label={t('past.heading')}>
      <p role="status">{said(desk, past)}</p>
      <div class="past-tools">
        <Step label={t('past.start')} off={at === 0} run={() => past.go(0)} path="M15 4 8 10l7 6ZM5 4v12" />
        <Step label={t('past.back')} off={at === 0} run={() => past.step(-1)} path="M13 4 6 10l7 6Z" />
        <Step label={past.playing.value ? t('past.pause') : t('past.play')} run={() => past.play()}
          path={past.playing.value ? 'M7 4v12M13 4v12' : 'M6 4l10 6-10 6Z'} />
        <Step label={t('past.forward')} off={at >= past.last} run={() => past.step(1)} path="M7 4l7 6-7 6Z" />
        <input type="range" min={0} max={past.last} step={1} value={at} aria-label={t('past.slider')} aria-valuetext={said(desk, past)}
          onInput={(event) => { past.play(false); past.go(event.currentTarget.valueAsNumber); }} />
        <button class="plain" type="button" onClick={() => past.leave()}>{t('past.now')}</button>
        {desk.owner && <button class="primary" type="button" disabled={at >= past.last || past.shown.value?.seq !== at} onClick={() => confirm(past)}>{t('past.restore')}</button>}
      </div>
      {past.problem.value && <p class="form-error" role="alert">{t('past.unread', { reason: past.problem.value })}</p>}
    </section>
  );
}

function said(desk: Desk, past: Past): string {
  const event = past.event.value;
  const time = event ? momentText(toWall(Date.parse(event.at), desk.zone)) : t('past.start');
  return t('past.asOf', { time, seq: past.shown.value?.seq ?? past.at.value ?? 0, last: past.last });
}

function Step({ label, run, path, off = false }: { label: string; run: () => void; path: string; off?: boolean }) {
  return (
    <button class="icon" type="button" aria-label={label} title={label} disabled={off} onClick={run}>
      <svg viewBox="0 0 20 20" aria-hidden="true"><path d={path} /></svg>
    </button>
  );
}

function confirm(past: Past): void {
  const seq = past.at.peek() ?? 0;
  ask({
    title: t('past.restoreTitle'), text: t('past.restoreText', { seq }), yes: t('past.restore'),
    run: () => void past.restore().then((ack) => ack && toast({ title: t('past.restored'), key: 'restored' })),
  });
}
