// One room: who is in it and how far behind, what is held, what was done last.

import { agoText, numberText, timeText } from '../language/format.js';
import { t } from '../language/index.js';
import { userAddress } from '../model/place.js';
import { room as readRoom } from '../service/api.js';
import type { Lock, Member, RoomAnswer, RoomDetail } from '../service/facts.js';
import { useAsked } from '../state/asked.js';
import { start } from '../state/follower.js';
import { Disconnect } from './disconnect.js';
import { Operations } from './operations.js';
import { Card, Fact, Id, Nothing, PageHead, Refused, Tag } from './pieces.js';
import { Table } from './table.js';

const EVERY_MS = 1000;

function followRoom(id: string): void {
  void start({ kind: 'room', id });
  location.hash = '#/follow';
}

/** The page. */
export function RoomPage({ id }: { id: string }) {
  const { value, trouble } = useAsked(id, EVERY_MS, (token) => readRoom(token, id)).value;
  return (
    <>
      <p class="way"><a href="#/rooms">← {t('rooms.back')}</a></p>
      <PageHead title={value?.answering ? value.name : <Id of={id} />}>
        <span class="soft"><Id of={id} /></span>
        <button class="plain" type="button" onClick={() => followRoom(id)}>{t('room.follow')}</button>
      </PageHead>
      <Refused trouble={trouble} />
      {trouble?.kind === 'missing' && <Nothing>{t('room.gone')}</Nothing>}
      {value && !value.answering && <p class="banner">{t('room.silent')}</p>}
      {value?.answering && <Facts of={value} />}
      {value && <Parts of={value} />}
    </>
  );
}

function Facts({ of: room }: { of: RoomAnswer }) {
  return (
    <dl class="facts">
      <Fact name={t('col.head')} value={numberText(room.head.seq)} note={t('room.loaded', { time: agoText(room.loadedAt) })} />
      <Fact name={t('col.courses')} value={numberText(room.courses)} />
      <Fact name={t('col.queue')} value={numberText(room.queue)} tone={room.queue > 0 ? 'warn' : ''} note={room.appending ? t('room.appending') : ''} />
      <Fact name={t('col.lag')} value={numberText(room.outboxFrames)} note={`${numberText(room.outboxBytes)} B`} />
      <Fact name={t('col.done')} value={numberText(room.operations.committed)} note={`${t('col.refused')}: ${numberText(room.operations.refused)}`} />
      <Fact name={t('col.activity')} value={agoText(room.lastOperationAt)} />
    </dl>
  );
}

function Parts({ of: { members = [], heldLocks: locks = [], lastOperations = [] } }: { of: RoomDetail }) {
  return (
    <>
      <Card title={t('room.members')} note={numberText(members.length)}>
        {members.length === 0 ? <Nothing>{t('room.noMembers')}</Nothing> : <Members list={members} />}
      </Card>
      <Card title={t('room.locks')} note={numberText(locks.length)}>
        {locks.length === 0 ? <Nothing>{t('room.noLocks')}</Nothing> : <Locks list={locks} />}
      </Card>
      <Card title={t('room.operations')}>
        {lastOperations.length === 0 ? <Nothing>{t('room.noOperations')}</Nothing> : <Operations list={lastOperations} />}
      </Card>
    </>
  );
}

function Members({ list }: { list: readonly Member[] }) {
  return (
    <Table label={t('room.members')} rows={list} id={({ sessionId }) => sessionId} order={{ by: 'person', down: false }} columns={[
      { name: 'person', head: t('col.person'), value: ({ name }) => name, cell: ({ name, userId }) => <><a href={userAddress(userId)}>{name}</a><small>{userId}</small></> },
      { name: 'role', head: t('col.role'), wide: true, value: ({ role }) => role, cell: ({ role }) => role },
      { name: 'state', head: t('col.state'), cell: ({ state, behind }) => <>{state}{behind && <> <Tag tone="warn">{t('room.behind')}</Tag></>}</> },
      { name: 'lag', head: t('col.lag'), number: true, value: ({ outboxFrames }) => outboxFrames, cell: ({ outboxFrames }) => (outboxFrames === null ? '–' : numberText(outboxFrames)) },
      { name: 'action', head: t('col.action'), number: true, cell: ({ local, sessionId, name }) => (local ? <Disconnect sessionId={sessionId} name={name} /> : <Tag tone="plain">{t('room.elsewhere')}</Tag>) },
    ]} />
  );
}

function Locks({ list }: { list: readonly Lock[] }) {
  return (
    <Table label={t('room.locks')} rows={list} id={({ courseId }) => courseId} columns={[
      { name: 'class', head: t('col.class'), cell: ({ courseId }) => <Id of={courseId} /> },
      { name: 'person', head: t('col.person'), cell: ({ userId }) => userId },
      { name: 'until', head: t('col.until'), cell: ({ expiresAt }) => timeText(expiresAt) },
    ]} />
  );
}
