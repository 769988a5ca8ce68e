// @ts-nocheck: replaced in the next steps
// The entry point: which screen is shown, by the address after `#`, and the one client.

import { Client } from '@kyo/collaboration-client';
import { createRoom, socketAddress } from './panels/api.js';
import { Board } from './app/board.js';
import { DEMO_NAME, demoResources, demoWeek } from './app/demo.js';
import { byId } from './app/dom.js';
import { t } from './language/index.js';
import { followLanguage } from './language/page.js';
import { followTheme } from './language/theme.js';
import { ownZone, showRooms } from './panels/rooms.js';
import { remembered, renewed, signOut } from './panels/session.js';
import { showSignIn } from './panels/signin.js';
import { addressOf, placeOf } from './app/place.js';
import { dayOf, mondayOf, toWall } from './app/time.js';
import { toast } from './panels/toasts.js';

let session = remembered();
let client = null;
let board = null;

function screen(name) {
  document.body.dataset.screen = name;
  for (const id of ['signin', 'rooms', 'board']) byId(id).hidden = id !== name;
}

function leaveBoard() {
  board?.stop();
  board = null;
  document.title = t('app.title');
}

function signedOut(problem = '') {
  leaveBoard();
  client?.stop();
  client = null;
  session = null;
  signOut();
  screen('signin');
  showSignIn((made) => {
    session = made;
    route();
  }, problem);
}

function connect() {
  if (client) return client;
  client = new Client({ url: socketAddress(), token: session.token, renew: () => renewed(session) });
  client.on('signed_out', () => signedOut(t('signin.ended')));
  client.start();
  return client;
}

function openRoom(id) {
  location.hash = `#/room/${id}`;
}

/** Waits for the client, so that the first join knows who we are. */
function welcomed() {
  const link = connect();
  if (link.live) return Promise.resolve(link);
  return new Promise((resolve) => {
    const stop = link.on('state', (state) => {
      if (state !== 'live') return;
      stop();
      resolve(link);
    });
  });
}

async function makeDemo() {
  const zone = ownZone();
  const id = (await createRoom(session.token, DEMO_NAME, zone)).room;
  const room = (await welcomed()).room(id);
  await new Promise((resolve, reject) => {
    room.on('joined', resolve);
    room.on('closed', (reason) => reject(new Error(reason)));
  });
  room.on('refused', ({ error }) => toast({ title: t('rooms.demoRefused'), text: error.message, tone: 'error' }));
  const tag = id.slice(-8);
  const made = await room.apply(demoResources(tag));
  if (made) await room.apply(demoWeek(mondayOf(dayOf(toWall(Date.now(), zone))), zone, tag));
  room.leave();
  return id;
}

function leave() {
  location.hash = '';
  signedOut();
}

async function lobby() {
  leaveBoard();
  screen('rooms');
  try {
    const rooms = await showRooms(session, { open: openRoom, makeDemo, signOut: leave });
    const first = location.hash === '';
    if (first && rooms.length === 1) openRoom(rooms[0].room);
    else if (first && rooms.length === 0 && session.demo && ['owner', 'manager'].includes(session.role)) {
      openRoom(await makeDemo());
    }
  } catch (error) {
    if (error.code === 'unauthenticated' || error.code === 'token_expired') await again();
    else toast({ title: error.message, tone: 'error', key: 'lobby' });
  }
}

/** A remembered token may be too old: take a new one where that can be done, else sign in. */
async function again() {
  if (await renewed(session).catch(() => null)) lobby();
  else signedOut(t('signin.ended'));
}

async function route() {
  if (!session) {
    signedOut();
    return;
  }
  const place = placeOf(location.hash);
  const room = place?.room;
  if (!room) {
    lobby();
    return;
  }
  if (board?.room.id === room) {
    if (place.day !== null) board.look({ day: place.day, lens: place.lens ?? 'week', only: place.only });
    return;
  }
  leaveBoard();
  screen('board');
  byId('status').textContent = t('status.connecting');
  const link = await welcomed();
  if (placeOf(location.hash)?.room !== room || board) return;
  board = new Board({
    client: link, session, place,
    navigate: (view) => history.replaceState(null, '', addressOf(room, view)),
    exit: (reason) => {
      if (reason) toast({ title: t('rooms.closed'), text: reason, tone: 'error' });
      location.hash = '#/rooms';
    },
  });
}

followLanguage();
followTheme();
addEventListener('hashchange', route);
addEventListener('beforeunload', (event) => {
  if (board?.unsaved) event.preventDefault();
});
route();
