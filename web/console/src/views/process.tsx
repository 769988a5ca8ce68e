// What acts on the whole process: the log filter and draining. For tokens of the operators' tenant.

import { useSignal } from '@preact/signals';
import { timeText } from '../language/format.js';
import { t } from '../language/index.js';
import { drain, logFilter, setLogFilter } from '../service/api.js';
import { useAsked } from '../state/asked.js';
import { overview } from '../state/live.js';
import { operator } from '../state/session.js';
import { ask } from './ask.js';
import { Card, Fact, Nothing, PageHead, Refused } from './pieces.js';
import { say } from './said.js';

const EVERY_MS = 5000;
const MAX_MINUTES = 1440;
const token = () => operator.peek()?.token ?? '';

/** The page. */
export function Process() {
  const now = overview.value;
  return (
    <>
      <PageHead title={t('page.process')} />
      {!now && <Nothing>{t('chart.nothing')}</Nothing>}
      {now && !now.mayActOnProcess && (
        <Card title={t('process.notYours')}><p class="padded">{t('process.notYoursText', { tenant: operator.value?.tenant || t('app.unknown') })}</p></Card>
      )}
      {now?.mayActOnProcess && <><Filter node={now.node} /><Drain node={now.node} /></>}
    </>
  );
}

function Filter({ node }: { node: string }) {
  const round = useSignal(0);
  const { value, trouble } = useAsked(`filter ${node} ${round.value}`, EVERY_MS, logFilter).value;
  return (
    <Card title={t('process.filter')}>
      <Refused trouble={trouble} />
      {value && (
        <dl class="facts plain">
          <Fact name={t('process.filterNow')} value={<code data-filter>{value.filter}</code>} note={value.until ? t('process.filterUntil', { time: timeText(value.until) }) : t('process.filterForever')} />
          <Fact name={t('process.filterConfigured')} value={<code>{value.configured}</code>} />
        </dl>
      )}
      <FilterForm node={node} changed={() => { round.value += 1; }} />
    </Card>
  );
}

function FilterForm({ node, changed }: { node: string; changed: () => void }) {
  const problem = useSignal('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const filter = String(form.get('filter')).trim();
    const written = String(form.get('minutes')).trim();
    const minutes = written === '' ? null : Number(written);
    const bad = minutes !== null && (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_MINUTES);
    problem.value = bad ? t('process.badMinutes') : '';
    if (!bad && filter) askFilter(node, filter, minutes, changed);
  };
  return (
    <form class="filter-form" onSubmit={submit} noValidate>
      <label class="field grow"><span>{t('process.filterNew')}</span>
        <input class="mono" name="filter" required autocomplete="off" spellcheck={false} placeholder="info,kyo_collaboration=debug" />
      </label>
      <label class="field"><span>{t('process.minutes')}</span>
        <input name="minutes" inputMode="numeric" defaultValue="10" aria-describedby="minutes-hint" />
      </label>
      <button class="primary" type="submit">{t('process.change')}</button>
      <p class="hint" id="minutes-hint">{t('process.minutesHint')}</p>
      <p class="form-error" role="alert">{problem.value}</p>
    </form>
  );
}

function askFilter(node: string, filter: string, minutes: number | null, changed: () => void): void {
  const time = minutes === null ? t('process.filterForever') : t('process.forMinutes', { count: minutes });
  ask({
    title: t('process.changeTitle'), text: t('process.changeText', { node: node.slice(-8), filter, time }), yes: t('process.changeYes'), danger: false,
    run: async (reason) => {
      const now = await setLogFilter(token(), filter, minutes, reason);
      say(t('process.changed', { filter: now.filter }));
      changed();
    },
  });
}

function Drain({ node }: { node: string }) {
  const question = () => ask({
    title: t('process.drainTitle', { node: node.slice(-8) }), text: t('process.drainConfirm'), yes: t('process.drainYes'), danger: true,
    run: async (reason) => {
      const { deadlineMs } = await drain(token(), reason);
      say(t('process.drained', { seconds: Math.ceil(deadlineMs / 1000) }));
    },
  });
  return (
    <Card title={t('process.drain')}>
      <div class="padded stack"><p>{t('process.drainText')}</p>
        <div><button class="danger outlined" type="button" onClick={question}>{t('process.drainButton')}</button></div></div>
    </Card>
  );
}
