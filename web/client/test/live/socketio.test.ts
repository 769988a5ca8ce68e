// The same over the application's own Socket.IO socket.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';
import { socketio } from '../../src/index.js';
import { Cable } from '../support/cable.js';
import { converged, course, enter } from '../support/people.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

let service: Service;
let roomId: string;
before(async () => {
  service = await Service.start();
  roomId = await service.room(service.token({ user: 'owner', role: 'owner' }));
});
after(() => service.remove());

test('Socket.IO and native clients share a room, refusals and a cut cable too', async () => {
  const cable = await Cable.lay(() => service.port);
  const socket = io(`http://127.0.0.1:${cable.port}`, { autoConnect: false, forceNew: true });
  const ann = await enter(service, roomId, { user: 'ann' }, { transport: socketio(socket) });
  const bob = await enter(service, roomId, { user: 'bob' });
  assert.ok(await ann.room.apply({ kind: 'course_create', course: course('a', 1, { studioId: 'hall' }) }));
  await converged([ann.room, bob.room]);
  const clash = course('b', 1, { studioId: 'hall' });
  assert.equal(await ann.room.apply({ kind: 'course_create', course: clash }, { quiet: true }), null);
  cable.pull();
  await until('ann notices', () => ann.client.state !== 'live');
  const waiting = ann.room.apply({ kind: 'course_create', course: course('c', 4) });
  await bob.room.apply({ kind: 'course_create', course: course('d', 7) });
  cable.plug();
  assert.ok(await waiting);
  await converged([ann.room, bob.room]);
  assert.deepEqual([...bob.room.timetable.courses.keys()].sort(), ['a', 'c', 'd']);
  ann.client.stop();
  bob.client.stop();
  cable.remove();
});

test('a refused token is a close with its code', async () => {
  const socket = io(service.url(''), { autoConnect: false, forceNew: true });
  const ann = await enter(service, roomId, { user: 'ann' }, {
    transport: socketio(socket), token: 'no.such.token', renew: () => service.token({ user: 'ann' }),
  });
  assert.equal(ann.client.live, true);
  ann.client.stop();
});
