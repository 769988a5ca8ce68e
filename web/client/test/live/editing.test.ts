// Two people edit one room of the real service.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

test('what one applies the other sees, and the ack says it is committed', async () => {
  const [ann, bob] = [await enter(service, roomId, { user: 'ann' }), await enter(service, roomId, { user: 'bob' })];
  const applied = ann.room.apply({ kind: 'course_create', course: course('a', 1) });
  assert.equal(ann.room.view.courses.get('a')?.title, 'Yoga a');
  assert.equal(ann.room.unsaved.has('a'), true);
  const ack = await applied;
  assert.equal(ack?.duplicate, false);
  await converged([ann.room, bob.room]);
  assert.equal(bob.room.timetable.courses.get('a')?.version, 1);
  ann.client.stop();
  bob.client.stop();
});

test('of two who race for one trainer one is refused, told why and rolled back', async () => {
  const [ann, bob] = [await enter(service, roomId, { user: 'ann' }), await enter(service, roomId, { user: 'bob' })];
  const refusals: string[] = [];
  for (const { room } of [ann, bob]) room.on('refused', ({ error }) => refusals.push(error.code));
  const acks = await Promise.all([
    ann.room.apply({ kind: 'course_create', course: course('race-a', 5, { trainerId: 'kim' }) }),
    bob.room.apply({ kind: 'course_create', course: course('race-b', 5, { trainerId: 'kim' }) }),
  ]);
  assert.equal(acks.filter(Boolean).length, 1);
  assert.deepEqual(refusals, ['conflict']);
  await converged([ann.room, bob.room]);
  const both = ['race-a', 'race-b'].filter((id) => ann.room.view.courses.has(id));
  assert.equal(both.length, 1);
  ann.client.stop();
  bob.client.stop();
});

test('people see each other, their pointers and their locks', async () => {
  const [ann, bob] = [await enter(service, roomId, { user: 'ann' }), await enter(service, roomId, { user: 'bob' })];
  await ann.room.apply({ kind: 'course_create', course: course('held', 8) });
  const annId = ann.client.welcome?.sessionId ?? '';
  const seen = () => bob.room.participants.get(annId);
  await until('bob sees ann', seen);
  for (let step = 1; step <= 50; step += 1) ann.room.moveCursor({ x: step, y: 0 });
  await until('the newest pointer', () => seen()?.cursor?.x === 50);
  await ann.room.lock('held');
  await until('bob sees the lock', () => bob.room.locks.against('held'));
  await assert.rejects(bob.room.lock('held'), { code: 'locked' });
  await ann.room.unlock('held');
  await until('bob sees it free', () => !bob.room.locks.against('held'));
  ann.client.stop();
  bob.client.stop();
});
