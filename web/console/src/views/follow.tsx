// What one room or person does, as it happens.

import { clockText, msText } from '../language/format.js';
import { t, word } from '../language/index.js';
import { roomAddress, userAddress } from '../model/place.js';
import type { Target } from '../service/follow.js';
import { type Following, type Seen, following, held, hold, seen, start, stop } from '../state/follower.js';
import { Card, Id, Nothing, PageHead, Tag, toneOf } from './pieces.js';

const KEPT = 500;

/** The page; the address may say whom to follow. */
export function Follow({ room, user }: { room: string | null; user: string | null }) {
  return (
    <>
      <PageHead title={t('page.follow')} />
      <p class="soft intro">{t('follow.intro')}</p>
      <Whom room={room} user={user} />
      <State of={following.value} />
      <List />
    </>
  );
}

function Whom({ room, user }: { room: string | null; user: string | null }) {
  const now = following.value;
  const wanted: Target = room ? { kind: 'room', id: room } : user ? { kind: 'user', id: user }
    : now.state === 'idle' ? { kind: 'user', id: '' } : now.target;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const id = String(form.get('id')).trim();
    if (id) void start({ kind: form.get('kind') === 'room' ? 'room' : 'user', id });
  };
  return (
    <form key={`${wanted.kind} ${wanted.id}`} class="whom" onSubmit={submit}>
      <label class="field"><span>{t('follow.whom')}</span>
        <select name="kind">
          <option value="user" selected={wanted.kind === 'user'}>{t('follow.user')}</option>
          <option value="room" selected={wanted.kind === 'room'}>{t('follow.room')}</option>
        </select>
      </label>
      <label class="field grow"><span>{t('follow.id')}</span>
        <input name="id" required autocomplete="off" spellcheck={false} defaultValue={wanted.id} />
      </label>
      <button class="primary" type="submit">{t('follow.start')}</button>
    </form>
  );
}

function stateText(of: Following): string {
  if (of.state === 'refused') return t('follow.refused', { said: of.reason });
  return of.state === 'ended' ? word('follow', of.reason) : t(`follow.${of.state}`);
}

function State({ of }: { of: Following }) {
  const tone = of.state === 'live' ? 'good' : of.state === 'idle' || of.state === 'asking' ? 'plain' : 'bad';
  const target: Target | null = of.state === 'idle' ? null : of.target;
  const still = held.value;
  const fresh = still ? seen.value.findIndex(({ n }) => n === (still[0]?.n ?? -1)) : 0;
  return (
    <div class="follow-state" role="status">
      <Tag tone={tone}>{stateText(of)}</Tag>
      {target && <a href={target.kind === 'room' ? roomAddress(target.id) : userAddress(target.id)}><Id of={target.id} /></a>}
      {still && <span class="soft">{t('follow.paused', { count: fresh < 0 ? seen.value.length : fresh })}</span>}
      <span class="grow" />
      {seen.value.length > 0 && <button class="plain" type="button" aria-pressed={still !== null} onClick={() => hold(still === null)}>{t(still ? 'follow.resume' : 'follow.pause')}</button>}
      {(of.state === 'live' || of.state === 'asking') && <button class="plain" type="button" onClick={stop}>{t('follow.stop')}</button>}
      {tone === 'bad' && target && <button class="plain" type="button" onClick={() => void start(target)}>{t('follow.again')}</button>}
    </div>
  );
}

function List() {
  const list = held.value ?? seen.value;
  if (following.value.state === 'idle' && list.length === 0) return null;
  return (
    <Card title={t('follow.seen')} note={t('follow.bound', { count: KEPT })}>
      {list.length === 0 ? <Nothing>{t('follow.nothing')}</Nothing> : <ol class="seen" tabIndex={0} aria-label={t('follow.seen')}>{list.map((one) => <Line key={one.n} of={one} />)}</ol>}
    </Card>
  );
}

function Line({ of: { name, facts } }: { of: Seen }) {
  const text = (field: string) => (facts[field] == null ? '' : String(facts[field]));
  return (
    <li>
      <time>{clockText(Date.parse(text('at')))}</time>
      <strong>{text('name') || text('userId')}</strong>
      <span class="what">{sentenceOf(name, text)}</span>
      {name === 'operation' && <Tag tone={toneOf(text('outcome'))}>{word('outcome', text('outcome'))}</Tag>}
      {name === 'operation' && <span class="soft">{text('seq') && `#${text('seq')} · `}{msText(Number(text('ms')))}</span>}
      {text('room') && following.value.state !== 'idle' && following.value.target.kind === 'user' && <a href={roomAddress(text('room'))}><Id of={text('room')} /></a>}
    </li>
  );
}

function sentenceOf(name: string, text: (field: string) => string): string {
  if (name === 'operation') return t('seen.operation', { kind: text('kind') });
  if (name === 'joined') return t('seen.joined', { role: text('role') });
  if (name === 'connected') return t('seen.connected', { transport: text('transport') });
  return name === 'left' ? word('seen', text('reason')) : word('seen', name);
}
