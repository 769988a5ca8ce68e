// The entry point: which screen is shown, by the address after `#`, and the one client.

import { Client, ServiceError, type Room } from '@kyo/collaboration-client';
import { Board } from './app/board.js';
import { DEMO_NAME, demoResources, demoWeek } from './app/demo.js';
import { byId } from './app/dom.js';
import { type Place, addressOf, placeOf } from './app/place.js';
import { dayOf, mondayOf, toWall } from './app/time.js';
import { t } from './language/index.js';
import { followLanguage } from './language/page.js';
import { followTheme } from '../../shared/theme.js';
import { createRoom, socketAddress } from './panels/api.js';
import { ownZone, showRooms } from './panels/rooms.js';
import { type Session, remembered, renewed, signOut } from './panels/session.js';
import { showSignIn } from './panels/signin.js';
import { toast } from './panels/toasts.js';

type Screen = 'signin' | 'rooms' | 'board';

let session: Session | null = remembered();
let client: Client | null = null;
let board: Board | null = null;

function show(name: Screen): void {
  document.body.dataset.screen = name;
  for (const id of ['signin', 'rooms', 'board']) byId(id).hidden = id !== name;
}

function leaveBoard(): void {
  board?.stop();
  board = null;
  document.title = t('app.title');
}

function signedOut(problem = ''): void {
  leaveBoard();
  client?.stop();
  client = null;
  session = null;
  signOut();
  show('signin');
  showSignIn((made) => {
    session = made;
    void route();
  }, problem);
}

function connect(who: Session): Client {
  if (client) return client;
  client = new Client({ url: socketAddress(), token: who.token, renew: () => renewed(who) });
  client.on('signed_out', () => signedOut(t('signin.ended')));
  client.start();
  return client;
}

/** Waits for the client, so that the first join knows who we are. */
function welcomed(who: Session): Promise<Client> {
  const link = connect(who);
  if (link.live) return Promise.resolve(link);
  return new Promise((resolve) => {
    const stop = link.on('state', (state) => {
      if (state !== 'live') return;
      stop();
      resolve(link);
    });
  });
}

function joined(room: Room): Promise<void> {
  return new Promise((resolve, reject) => {
    room.on('joined', () => resolve());
    room.on('closed', (reason) => reject(new Error(reason)));
  });
}

async function makeDemo(who: Session): Promise<string> {
  const zone = ownZone();
  const id = (await createRoom(who.token, DEMO_NAME, zone)).room;
  const room = (await welcomed(who)).room(id);
  room.on('refused', ({ error }) => toast({ title: t('rooms.demoRefused'), text: error.message, tone: 'error' }));
  await joined(room);
  const tag = id.slice(-8);
  const made = await room.apply(demoResources(tag));
  if (made) await room.apply(demoWeek(mondayOf(dayOf(toWall(Date.now(), zone))), zone, tag));
  room.leave();
  return id;
}

function open(id: string): void {
  location.hash = `#/room/${id}`;
}

function leave(): void {
  location.hash = '';
  signedOut();
}

async function lobby(who: Session): Promise<void> {
  leaveBoard();
  show('rooms');
  try {
    const rooms = await showRooms(who, { open, makeDemo: () => makeDemo(who), signOut: leave });
    if (location.hash !== '') return;
    const [only] = rooms;
    if (only && rooms.length === 1) open(only.room);
    else if (!only && who.demo && ['owner', 'manager'].includes(who.role)) open(await makeDemo(who));
  } catch (error) {
    await failed(error, who);
  }
}

/** A remembered token may be too old: take a new one where that can be done, else sign in. */
async function failed(error: unknown, who: Session): Promise<void> {
  const code = error instanceof ServiceError ? error.code : '';
  if (code !== 'unauthenticated' && code !== 'token_expired') {
    toast({ title: error instanceof Error ? error.message : String(error), tone: 'error', key: 'lobby' });
  } else if (await renewed(who).catch(() => null)) await lobby(who);
  else signedOut(t('signin.ended'));
}

/** The board says itself how the link is, so it is there before the link is. */
function openBoard(who: Session, place: Place): void {
  leaveBoard();
  show('board');
  board = new Board({
    client: connect(who), session: who, place,
    navigate: (view) => history.replaceState(null, '', addressOf(place.room, view)),
    exit: (reason) => {
      if (reason) toast({ title: t('rooms.closed'), text: reason, tone: 'error' });
      location.hash = '#/rooms';
    },
  });
}

async function route(): Promise<void> {
  if (!session) {
    signedOut();
    return;
  }
  const place = placeOf(location.hash);
  if (!place) await lobby(session);
  else if (board?.room.id !== place.room) openBoard(session, place);
  else if (place.day !== null) board.look({ day: place.day, lens: place.lens ?? 'week', only: place.only });
}

followLanguage();
followTheme();
addEventListener('hashchange', () => void route());
addEventListener('beforeunload', (event) => {
  if (board?.perishable) event.preventDefault();
});
void route();
