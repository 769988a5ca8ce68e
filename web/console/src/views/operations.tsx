// What people wanted and what came of it, as a table.

import { msText, timeText } from '../language/format.js';
import { t, word } from '../language/index.js';
import { userAddress } from '../model/place.js';
import type { Operation } from '../service/facts.js';
import { Tag, toneOf } from './pieces.js';
import { Table } from './table.js';

/** Operations, the newest first. */
export function Operations({ list }: { list: readonly Operation[] }) {
  return (
    <Table label={t('room.operations')} rows={list} id={({ opId, at }) => `${opId} ${at}`} columns={[
      { name: 'when', head: t('col.when'), cell: ({ at }) => timeText(at) },
      { name: 'person', head: t('col.person'), cell: ({ userId }) => <a href={userAddress(userId)}>{userId}</a> },
      { name: 'kind', head: t('col.kind'), cell: ({ kind }) => kind },
      { name: 'outcome', head: t('col.outcome'), cell: ({ outcome }) => <Tag tone={toneOf(outcome)}>{word('outcome', outcome)}</Tag> },
      { name: 'seq', head: t('col.seq'), number: true, wide: true, cell: ({ seq }) => seq ?? '–' },
      { name: 'took', head: t('col.took'), number: true, wide: true, cell: ({ ms }) => msText(ms) },
    ]} />
  );
}
