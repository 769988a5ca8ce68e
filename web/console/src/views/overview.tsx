// Numbers of now and of the last ten minutes.

import { agoText, msText, numberText, spanText, timeText } from '../language/format.js';
import { t, word } from '../language/index.js';
import { spanOf } from '../model/history.js';
import type { Moment } from '../model/moment.js';
import type { Overview, Standing } from '../service/facts.js';
import { history, overview } from '../state/live.js';
import { Chart, type Series } from './chart.js';
import { Card, Fact, Id, Nothing, PageHead, toneOf } from './pieces.js';

const TONES: Record<Standing, string> = { up: 'good', alone: 'good', degraded: 'warn', down: 'bad' };

function seriesOf(label: string, color: string, of: (moment: Moment) => number | null | undefined): Series {
  return { label, color, of: (moment) => of(moment) ?? null };
}

/** The page. */
export function OverviewPage() {
  const now = overview.value;
  return (
    <>
      <PageHead title={t('page.overview')}>
        {now && <p class="soft">{t('fact.version', { version: now.version })} · {t('fact.uptime', { time: spanText(now.uptimeMs) })} · <Id of={now.node} /></p>}
      </PageHead>
      {now ? <Facts of={now} /> : <Nothing>{t('chart.nothing')}</Nothing>}
      <Charts />
      {now && <Outcomes of={now.operations} />}
    </>
  );
}

function Facts({ of: { phase, database, bus, sessions, rooms, followers } }: { of: Overview }) {
  const canary = bus.canaryAgeMs === null || bus.state === 'alone' ? '' : ` · ${t('fact.canary', { ms: bus.canaryAgeMs })}`;
  const shards = bus.shards > 0 ? ` · ${t('fact.shards', { up: bus.shardsUp, all: bus.shards })}` : '';
  return (
    <dl class="facts">
      <Fact name={t('fact.phase')} value={word('phase', phase)} tone={phase === 'ready' ? 'good' : 'warn'} note={t('fact.followers', { count: followers })} />
      <Fact name={t('fact.database')} value={word('standing', database.state)} tone={TONES[database.state] ?? ''} />
      <Fact name={t('fact.bus')} value={word('standing', bus.state)} tone={TONES[bus.state] ?? ''}
        note={bus.state === 'alone' ? t('fact.busAlone') : `${t('fact.replicas', { count: bus.replicas })}${shards}${canary}`} />
      <Fact name={t('fact.sessions')} value={numberText(sessions.total)} note={transportsText(sessions)} />
      <Fact name={t('fact.rooms')} value={numberText(rooms.active)} tone={rooms.silent > 0 ? 'warn' : ''}
        note={rooms.silent > 0 ? t('fact.silent', { count: rooms.silent }) : t('fact.answering')} />
    </dl>
  );
}

function transportsText({ websocket, socketio, polling }: Overview['sessions']): string {
  const parts = [['series.websocket', websocket], ['series.socketio', socketio], ['series.polling', polling]] as const;
  return parts.filter(([, count]) => count > 0).map(([key, count]) => `${t(key)} ${numberText(count)}`).join(' · ');
}

function Charts() {
  const note = t('chart.span', { count: spanOf(history.value) / 60_000 });
  return (
    <div class="charts">
      <Chart title={t('chart.connections')} note={note} series={[
        seriesOf(t('series.websocket'), '--c1', (at) => at.websocket),
        seriesOf(t('series.socketio'), '--c2', (at) => at.socketio),
        seriesOf(t('series.polling'), '--c3', (at) => at.polling),
      ]} />
      <Chart title={t('chart.operations')} note={note} series={[
        seriesOf(t('series.committed'), '--c1', (at) => at.rates?.committed),
        seriesOf(t('series.dryRun'), '--c2', (at) => at.rates?.dryRun),
        seriesOf(t('series.duplicate'), '--c3', (at) => at.rates?.duplicate),
        seriesOf(t('series.refused'), '--c4', (at) => at.rates?.refused),
      ]} />
      <Chart title={t('chart.ack')} note={t('chart.ackHint')} text={msText} series={[
        seriesOf(t('series.p50'), '--c1', (at) => at.p50),
        seriesOf(t('series.p99'), '--c3', (at) => at.p99),
      ]} />
      <Chart title={t('chart.queues')} note={note} series={[
        seriesOf(t('series.queue'), '--c1', (at) => at.queue),
        seriesOf(t('series.late'), '--c4', (at) => at.late),
        seriesOf(t('series.outbox'), '--c2', (at) => at.outbox),
      ]} />
    </div>
  );
}

function Outcomes({ of: { outcomes, since } }: { of: Overview['operations'] }) {
  const all = Object.entries(outcomes).sort((a, b) => b[1] - a[1]);
  const most = all[0]?.[1] ?? 0;
  return (
    <Card title={t('outcomes.heading')} note={<span title={timeText(since)}>{t('outcomes.since', { time: `${timeText(since)} (${agoText(since)})` })}</span>}>
      {all.length === 0 ? <Nothing>{t('outcomes.none')}</Nothing> : (
        <ul class="outcomes">
          {all.map(([name, count]) => (
            <li key={name}><span>{word('outcome', name)}</span>
              <span class={`part ${toneOf(name)}`} aria-hidden="true" style={{ '--part': count / most }} />
              <strong>{numberText(count)}</strong></li>
          ))}
        </ul>
      )}
    </Card>
  );
}
