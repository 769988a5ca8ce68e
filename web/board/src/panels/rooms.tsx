// The list of timetables: search, open, create.

import { signal, useSignal } from '@preact/signals';
import { render } from 'preact';
import { knownZone } from '../app/time.js';
import { byId } from '../app/dom.js';
import { locale, t } from '../language/index.js';
import { type RoomView, ServiceError, createRoom, listRooms } from './api.js';
import { Choices } from './choices.js';
import { Dialog, openDialog } from './dialog.js';
import { roleText } from './people.js';
import type { Session } from './session.js';

const EDITORS = ['owner', 'manager', 'service'];
/** Searching reads on until this many rooms are known: nobody reads further. */
const MOST = 2000;

/** What one can do with the list. */
export interface Lobby {
  readonly open: (room: string) => void;
  /** Makes a studio with a week to play with; answers its id. */
  readonly makeDemo: () => Promise<string>;
  readonly signOut: () => void;
}

const rooms = signal<readonly RoomView[] | null>(null);
const cursor = signal<string | null>(null);
const wanted = signal('');
const problem = signal('');
const busy = signal(false);

/** The zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** Rooms whose name or zone has every wanted word, by name. Pure. */
export function found(list: readonly RoomView[], text: string, language: string): RoomView[] {
  const words = text.toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
  const has = ({ name, timezone }: RoomView) => {
    const where = `${name} ${timezone.replaceAll('_', ' ')}`.toLocaleLowerCase(language);
    return words.every((word) => where.includes(word));
  };
  return list.filter(has).sort((a, b) => a.name.localeCompare(b.name, language));
}

/** Shows the list. Answers the first page; rejects when the sign-in is no longer good. */
export async function showRooms(session: Session, lobby: Lobby): Promise<readonly RoomView[]> {
  problem.value = '';
  wanted.value = '';
  render(<Rooms session={session} lobby={lobby} />, byId('rooms'));
  rooms.value = null;
  cursor.value = null;
  await more(session);
  return rooms.value ?? [];
}

/** Reads the next page. */
async function more(session: Session): Promise<void> {
  busy.value = true;
  try {
    const page = await listRooms(session.token, cursor.peek());
    const known = new Set(rooms.peek()?.map(({ room }) => room));
    rooms.value = [...rooms.peek() ?? [], ...page.items.filter(({ room }) => !known.has(room))];
    cursor.value = rooms.value.length < MOST ? page.nextCursor : null;
  } catch (error) {
    if (error instanceof ServiceError && ['unauthenticated', 'token_expired'].includes(error.code)) throw error;
    problem.value = t('rooms.unread', { reason: error instanceof Error ? error.message : String(error) });
  } finally {
    busy.value = false;
  }
}

/** What is not read yet can't be found: a search reads the rest first. */
async function search(session: Session, text: string): Promise<void> {
  wanted.value = text;
  while (text === wanted.peek() && text && cursor.peek() && !busy.peek() && !problem.peek()) await more(session);
}

function Rooms({ session, lobby }: { session: Session; lobby: Lobby }) {
  const mayMake = EDITORS.includes(session.role);
  return (
    <>
      <header class="lobby-head">
        <div class="brand"><img src="board/icon.svg" alt="" width="28" height="28" /><span>{t('app.name')}</span></div>
        <div class="grow" />
        <Choices />
        <button class="quiet" type="button" data-act="sign-out" onClick={lobby.signOut}>{t('signin.out', { name: session.name })}</button>
      </header>
      <div class="lobby-body">
        <div class="lobby-title">
          <h1>{t('rooms.heading')}</h1>
          <input type="search" id="room-search" placeholder={t('rooms.searchHint')} aria-label={t('rooms.search')}
            value={wanted.value} onInput={(event) => void search(session, event.currentTarget.value).catch(lobby.signOut)} />
          {mayMake && <button class="primary" type="button" onClick={() => newRoom(session, lobby)}>{t('rooms.new')}</button>}
        </div>
        <RoomList lobby={lobby} />
        {cursor.value && <button class="plain more" type="button" disabled={busy.value} onClick={() => void more(session).catch(lobby.signOut)}>{t('rooms.more')}</button>}
        {mayMake && <button class="link demo" type="button" disabled={busy.value} onClick={() => void attempt(lobby, lobby.makeDemo)}>{t('rooms.demo')}</button>}
        <p class="form-error" role="alert">{problem.value}</p>
      </div>
    </>
  );
}

function RoomList({ lobby }: { lobby: Lobby }) {
  if (!rooms.value) return null;
  const list = found(rooms.value, wanted.value, locale.value);
  const none = rooms.value.length === 0 ? t('rooms.empty') : t('rooms.notFound', { wanted: wanted.value.trim() });
  return (
    <>
      <p class="soft" role="status">{list.length > 0 ? t('rooms.count', { count: list.length }) : none}</p>
      <ul class="room-list">
        {list.map(({ room, name, timezone, role }) => (
          <li key={room}>
            <a class="room" href={`#/room/${room}`} onClick={() => lobby.open(room)}>
              <strong>{name}</strong><span class="soft">{timezone.replaceAll('_', ' ')}</span><span class="tag">{roleText(role)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

async function attempt(lobby: Lobby, make: () => Promise<string>): Promise<void> {
  busy.value = true;
  try {
    lobby.open(await make());
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
  } finally {
    busy.value = false;
  }
}

function newRoom(session: Session, lobby: Lobby): void {
  openDialog((close) => <NewRoom close={close} make={async (name, zone) => {
    lobby.open((await createRoom(session.token, name, zone)).room);
  }} />);
}

function NewRoom({ close, make }: { close: () => void; make: (name: string, zone: string) => Promise<void> }) {
  const wrong = useSignal('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const zone = String(fields.get('timezone')).trim();
    if (!knownZone(zone)) {
      wrong.value = t('rooms.badZone', { zone });
      return;
    }
    try {
      await make(String(fields.get('name')).trim(), zone);
      close();
    } catch (error) {
      wrong.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <Dialog title={t('rooms.new')} close={close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label class="field"><span>{t('rooms.name')}</span><input name="name" required maxLength={120} placeholder={t('rooms.nameHint')} autofocus /></label>
        <label class="field"><span>{t('rooms.zone')}</span><input name="timezone" required list="zones" autocomplete="off" defaultValue={ownZone()} /></label>
        <datalist id="zones">{zones().map((zone) => <option key={zone} value={zone} />)}</datalist>
        <p class="form-error" role="alert">{wrong}</p>
        <footer><button class="primary" type="submit">{t('rooms.create')}</button><button class="quiet" type="button" onClick={close}>{t('app.cancel')}</button></footer>
      </form>
    </Dialog>
  );
}

const zones = () => Intl.supportedValuesOf?.('timeZone') ?? [];
