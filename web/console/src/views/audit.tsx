// What operators of this tenant did, the newest first.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { timeText } from '../language/format.js';
import { t, word } from '../language/index.js';
import { merged } from '../model/entries.js';
import { audit } from '../service/api.js';
import type { AuditEntry } from '../service/facts.js';
import { useAsked } from '../state/asked.js';
import { suffer } from '../state/health.js';
import { operator } from '../state/session.js';
import { Id, Nothing, PageHead, Refused, Tag, toneOf } from './pieces.js';
import { say } from './said.js';
import { Table } from './table.js';

const EVERY_MS = 3000;

/** The page. */
export function Audit() {
  const newest = useAsked('audit', EVERY_MS, (token) => audit(token, null));
  const entries = useSignal<readonly AuditEntry[]>([]);
  // `undefined` until a page has said whether there is an older one.
  const before = useSignal<number | null | undefined>(undefined);
  const { value, trouble } = newest.value;
  useEffect(() => {
    if (!value) return;
    entries.value = merged(entries.peek(), value.items);
    if (before.peek() === undefined) before.value = value.nextBefore;
  }, [value]);
  const older = async () => {
    try {
      const page = await audit(operator.peek()?.token ?? '', before.peek() ?? null);
      entries.value = merged(entries.peek(), page.items);
      before.value = page.nextBefore;
    } catch (thrown) {
      say(t('health.trouble', { said: suffer(thrown).message }));
    }
  };
  return (
    <>
      <PageHead title={t('page.audit')} />
      <p class="soft intro">{t('audit.intro')}</p>
      <Refused trouble={trouble} />
      {value && entries.value.length === 0 && <Nothing>{t('audit.none')}</Nothing>}
      {entries.value.length > 0 && <Entries list={entries.value} />}
      {before.value != null && <button class="plain" type="button" onClick={() => void older()}>{t('audit.older')}</button>}
    </>
  );
}

function Entries({ list }: { list: readonly AuditEntry[] }) {
  return (
    <Table label={t('page.audit')} rows={list} id={({ id }) => id} columns={[
      { name: 'when', head: t('col.when'), cell: ({ at, operator: who }) => <>{timeText(at)}<small class="narrow">{who}</small></> },
      { name: 'operator', head: t('col.operator'), wide: true, cell: ({ operator: who }) => who },
      { name: 'action', head: t('col.action'), cell: ({ action, outcome }) => <>{word('action', action)}{outcome !== 'done' && <> <Tag tone={toneOf(outcome)}>{word('audit', outcome)}</Tag></>}</> },
      { name: 'target', head: t('col.target'), cell: ({ target }) => <Target of={target} /> },
      { name: 'reason', head: t('col.reason'), cell: ({ reason }) => <span class="reason">{reason || '–'}</span> },
    ]} />
  );
}

/** A target is an id, or a word and an id; the id is shown short. */
function Target({ of }: { of: string }) {
  const [first = '', second] = of.split(' ', 2);
  if (second === undefined) return /^[0-9a-f-]{36}$/.test(first) ? <Id of={first} /> : <code>{of}</code>;
  return /^[0-9a-f-]{36}$/.test(second) ? <>{first} <Id of={second} /></> : <>{of}</>;
}
