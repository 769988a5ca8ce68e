// Rooms in memory on this replica.

import { useSignal } from '@preact/signals';
import { agoText, numberText } from '../language/format.js';
import { t } from '../language/index.js';
import { roomAddress } from '../model/place.js';
import { matches } from '../model/sort.js';
import { rooms } from '../service/api.js';
import type { RoomAnswer, RoomFacts } from '../service/facts.js';
import { useAsked } from '../state/asked.js';
import { Id, Nothing, PageHead, Refused, Tag } from './pieces.js';
import { type Column, Table } from './table.js';

const EVERY_MS = 2000;
const nameOf = (room: RoomFacts) => (room.answering ? room.name : room.room);

function numberColumn(name: string, head: string, of: (room: RoomAnswer) => number, wide: boolean): Column<RoomFacts> {
  return {
    name, head, number: true, wide,
    value: (room) => (room.answering ? of(room) : null),
    cell: (room) => (room.answering ? <Count of={of(room)} /> : '–'),
  };
}

const Count = ({ of }: { of: number }) => <span class={of === 0 ? 'zero' : ''}>{numberText(of)}</span>;

function columns(): Column<RoomFacts>[] {
  return [
    { name: 'room', head: t('col.room'), value: nameOf, cell: (room) => <RoomName of={room} /> },
    numberColumn('members', t('col.members'), (room) => room.sessions, false),
    numberColumn('head', t('col.head'), (room) => room.head.seq, true),
    numberColumn('courses', t('col.courses'), (room) => room.courses, true),
    numberColumn('queue', t('col.queue'), (room) => room.queue, false),
    numberColumn('late', t('col.late'), (room) => room.late, true),
    numberColumn('lag', t('col.lag'), (room) => room.outboxFrames, false),
    numberColumn('locks', t('col.locks'), (room) => room.locks, true),
    numberColumn('done', t('col.done'), (room) => room.operations.committed, true),
    numberColumn('refused', t('col.refused'), (room) => room.operations.refused, true),
    {
      name: 'activity', head: t('col.activity'), number: true,
      value: (room) => (room.answering && room.lastOperationAt ? Date.parse(room.lastOperationAt) : null),
      cell: (room) => (room.answering ? agoText(room.lastOperationAt) : '–'),
    },
  ];
}

function RoomName({ of: room }: { of: RoomFacts }) {
  return (
    <>
      <a href={roomAddress(room.room)}>{nameOf(room)}</a>
      {room.answering ? <small><Id of={room.room} /></small> : <Tag tone="warn">{t('rooms.notAnswering')}</Tag>}
    </>
  );
}

/** The page. */
export function Rooms() {
  const asked = useAsked('rooms', EVERY_MS, rooms);
  const wanted = useSignal('');
  const { value, trouble } = asked.value;
  const all = value?.items ?? [];
  const found = all.filter((room) => matches(wanted.value, [nameOf(room), room.room]));
  return (
    <>
      <PageHead title={t('page.rooms')}>
        {value && <span class="soft">{t('rooms.count', { count: all.length })}</span>}
        <input class="search" type="search" aria-label={t('rooms.search')} placeholder={t('rooms.search')} value={wanted.value}
          onInput={(event) => { wanted.value = event.currentTarget.value; }} />
      </PageHead>
      <Refused trouble={trouble} />
      {value?.more && <p class="banner">{t('rooms.more', { count: all.length })}</p>}
      {value && all.length === 0 && <Nothing>{t('rooms.none')}</Nothing>}
      {all.length > 0 && found.length === 0 && <Nothing>{t('rooms.noneFound', { wanted: wanted.value })}</Nothing>}
      {found.length > 0 && <Table label={t('page.rooms')} columns={columns()} rows={found} id={(room) => room.room} order={{ by: 'activity', down: true }} />}
    </>
  );
}
