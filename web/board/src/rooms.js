// The list of timetables: search, open, create.

import { createRoom, listRooms } from './api.js';
import { byId, h } from './app/dom.js';
import { knownZone } from './app/time.js';

const EDITORS = ['owner', 'manager', 'service'];

/** The zone of this browser. */
export function ownZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

export const roomId = (record) => record.room ?? record.id;

/** Shows the list. `open(roomId)` and `makeDemo()` are what one can do. Answers the rooms. */
export async function showRooms(session, { open, makeDemo }) {
  const error = byId('rooms-error');
  error.textContent = '';
  let rooms = [];
  try {
    rooms = await listRooms(session.token);
  } catch (problem) {
    error.textContent = `The timetables could not be read. ${problem.message}`;
    if (problem.code === 'unauthenticated' || problem.code === 'token_expired') throw problem;
  }
  const search = byId('room-search');
  const draw = () => list(rooms, search.value, open);
  search.oninput = draw;
  draw();
  form(session, { open, makeDemo });
  return rooms;
}

function list(rooms, wanted, open) {
  const words = wanted.trim().toLocaleLowerCase();
  const found = rooms
    .filter(({ name }) => name.toLocaleLowerCase().includes(words))
    .sort((a, b) => a.name.localeCompare(b.name));
  byId('room-list').replaceChildren(...found.map((record) => h('li', {},
    h('a', { class: 'room', href: `#/room/${roomId(record)}`, onclick: () => open(roomId(record)) },
      h('strong', {}, record.name), h('span', { class: 'soft' }, record.timezone),
      h('span', { class: 'tag' }, record.role ?? '')))));
  const empty = byId('room-empty');
  empty.hidden = found.length > 0;
  empty.textContent = rooms.length === 0 ? 'There is no timetable yet.' : `Nothing is called “${wanted.trim()}”.`;
}

function form(session, { open, makeDemo }) {
  const element = byId('room-new');
  element.hidden = !EDITORS.includes(session.role);
  const { name, timezone } = element.elements;
  timezone.value = ownZone();
  byId('zones').replaceChildren(...(Intl.supportedValuesOf?.('timeZone') ?? [])
    .map((zone) => h('option', { value: zone })));
  const attempt = async (make) => {
    try {
      open(await make());
    } catch (problem) {
      byId('rooms-error').textContent = problem.message;
    }
  };
  element.onsubmit = (event) => {
    event.preventDefault();
    if (!knownZone(timezone.value)) {
      byId('rooms-error').textContent = `“${timezone.value}” is not a time zone, such as Europe/Lisbon.`;
      return;
    }
    attempt(async () => roomId(await createRoom(session.token, name.value.trim(), timezone.value)));
  };
  element.querySelector('[data-act=demo]').onclick = () => attempt(makeDemo);
}
