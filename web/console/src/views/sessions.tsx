// Connections to this replica, searched by person.

import { useSignal } from '@preact/signals';
import { agoText, numberText, timeText } from '../language/format.js';
import { t } from '../language/index.js';
import { roomAddress } from '../model/place.js';
import { matches } from '../model/sort.js';
import { sessions } from '../service/api.js';
import type { SessionFacts } from '../service/facts.js';
import { useAsked } from '../state/asked.js';
import { Disconnect } from './disconnect.js';
import { Id, Nothing, PageHead, Refused, Tag } from './pieces.js';
import { type Column, Table } from './table.js';

const EVERY_MS = 2000;

function columns(): Column<SessionFacts>[] {
  return [
    { name: 'person', head: t('col.person'), value: ({ name }) => name, cell: (session) => <Person of={session} /> },
    { name: 'role', head: t('col.role'), wide: true, value: ({ role }) => role, cell: ({ role }) => role },
    { name: 'transport', head: t('col.transport'), wide: true, value: ({ transport }) => transport, cell: ({ transport }) => transport },
    { name: 'rooms', head: t('col.rooms'), wide: true, value: ({ rooms }) => rooms.length, cell: ({ rooms }) => <RoomLinks of={rooms} /> },
    { name: 'lag', head: t('col.lag'), number: true, value: ({ outboxFrames }) => outboxFrames, cell: ({ outboxFrames }) => numberText(outboxFrames) },
    { name: 'messages', head: t('col.messages'), number: true, wide: true, value: ({ messages }) => messages, cell: ({ messages }) => numberText(messages) },
    { name: 'refused', head: t('col.refused'), number: true, wide: true, value: ({ refused }) => refused, cell: ({ refused }) => numberText(refused) },
    { name: 'connected', head: t('col.connected'), number: true, wide: true, value: ({ connectedAt }) => Date.parse(connectedAt), cell: ({ connectedAt }) => agoText(connectedAt) },
    { name: 'token', head: t('col.token'), number: true, wide: true, value: ({ tokenExpiresAt }) => Date.parse(tokenExpiresAt), cell: ({ tokenExpiresAt }) => timeText(tokenExpiresAt) },
    { name: 'action', head: t('col.action'), number: true, cell: (session) => <Actions of={session} /> },
  ];
}

function Person({ of: { name, userId, closing, answering } }: { of: SessionFacts }) {
  return (
    <>{name}<small>{userId}</small>
      {closing && <Tag tone="warn">{t('sessions.closing')}</Tag>}
      {!answering && <Tag tone="warn">{t('sessions.silent')}</Tag>}</>
  );
}

function RoomLinks({ of }: { of: readonly string[] }) {
  if (of.length === 0) return <>–</>;
  return <>{of.map((room) => <a key={room} href={roomAddress(room)}><Id of={room} /></a>)}</>;
}

const Actions = ({ of: { sessionId, userId, name } }: { of: SessionFacts }) => (
  <><a class="beside" href={`#/follow?${new URLSearchParams({ user: userId })}`}>{t('follow.start')}</a><Disconnect sessionId={sessionId} name={name} /></>
);

/** The page; `user` is who is searched for at first. */
export function Sessions({ user }: { user: string }) {
  const wanted = useSignal(user);
  // Beyond the sessions that are fetched the service itself finds people, by their whole id.
  const exact = useSignal('');
  const { value, trouble } = useAsked(exact.value, EVERY_MS, (token) => sessions(token, exact.peek())).value;
  const all = value?.items ?? [];
  const found = exact.value ? all : all.filter(({ name, userId, sessionId }) => matches(wanted.value, [name, userId, sessionId]));
  const search = (text: string) => {
    wanted.value = text;
    exact.value = value?.more || exact.value ? text.trim() : '';
  };
  return (
    <>
      <PageHead title={t('page.sessions')}>
        {value && <span class="soft">{t('sessions.count', { count: found.length })}</span>}
        <input class="search" type="search" aria-label={t('sessions.search')} placeholder={t('sessions.search')} value={wanted.value}
          onInput={(event) => search(event.currentTarget.value)} />
      </PageHead>
      <Refused trouble={trouble} />
      {value?.more && <p class="banner">{t('sessions.more', { count: all.length })}</p>}
      {value && found.length === 0 && <Nothing>{wanted.value ? t('sessions.noneFound', { wanted: wanted.value }) : t('sessions.none')}</Nothing>}
      {found.length > 0 && <Table label={t('page.sessions')} columns={columns()} rows={found} id={({ sessionId }) => sessionId} order={{ by: 'person', down: false }} />}
    </>
  );
}
