// Sentences of the history, for every kind of event and in both languages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timetable, type wire } from '@kyo/collaboration-client';
import { speak } from '../src/language/index.js';
import { coursesOf, eventText } from '../src/panels/eventtext.js';
import { rich, slot } from '../src/panels/rich.js';
import { found } from '../src/panels/rooms.js';

const course: wire.Course = {
  id: 'c', version: 1, title: 'Spin', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z', tags: [],
  createdBy: 'u', updatedBy: 'u', updatedAt: '2026-01-01T00:00:00Z',
};
const template: wire.Template = { id: 't', version: 1, name: 'Spring', slots: [{ weekday: 1, start: '09:00', minutes: 60, title: 'Spin' }] };
const resource: wire.Resource = { id: 'ana', kind: 'trainer', name: 'Ana', overlap: 'forbid', bufferMinutes: 0, version: 1 };
const move: wire.Effect = { kind: 'course_move', courseId: 'c', startsAt: course.startsAt, endsAt: course.endsAt, version: 2 };

const EFFECTS: wire.Effect[] = [
  { kind: 'course_create', course }, move, { kind: 'course_update', courseId: 'c', patch: { capacity: 8, trainerId: null }, version: 3 },
  { kind: 'course_delete', courseId: 'c' }, { kind: 'resource_upsert', resource },
  { kind: 'resource_delete', resourceId: 'ana', resourceKind: 'trainer' }, { kind: 'template_save', template },
  { kind: 'template_delete', templateId: 't' },
  { kind: 'template_apply', templateId: 't', from: '2026-01-05', to: '2026-01-11', courses: [course], skipped: [] },
  { kind: 'policy_set', policy: { staleEdits: 'merge', defaultOverlap: 'warn' } },
  { kind: 'batch', ops: [move, { kind: 'course_delete', courseId: 'd' }] }, { kind: 'batch', ops: [], restoredSeq: 4 },
];

const say = (effect: wire.Effect) => {
  const { sentence, what, detail } = eventText(effect, { zone: 'UTC', timetable: new Timetable('r'), title: () => 'Spin', template: () => 'Spring' }, slot(0), slot(1));
  return { sentence: rich(sentence, ['Mei', what]).join(''), detail };
};

test('every kind has a sentence about somebody, in both languages', () => {
  for (const locale of ['en', 'zh-Hant'] as const) {
    speak(locale);
    for (const effect of EFFECTS) {
      const { sentence } = say(effect);
      assert.match(sentence, /^Mei.+/u, effect.kind);
      assert.doesNotMatch(sentence, /[{}\uE000-\uE00F]|undefined|too old/u, effect.kind);
    }
  }
  speak('en');
});

test('sentences say what and when', () => {
  assert.deepEqual(say(move), { sentence: 'Mei moved Spin', detail: 'Mon 5 Jan, 08:00–09:00' });
  assert.equal(say({ kind: 'course_update', courseId: 'c', patch: { capacity: 8, trainerId: null }, version: 3 }).detail, 'places: 8 · trainer: none');
  assert.equal(say({ kind: 'batch', ops: [], restoredSeq: 4 }).sentence, 'Mei went back to step 4');
});

test('a batch about one class is told as one change of it', () => {
  const update: wire.Effect = { kind: 'course_update', courseId: 'c', patch: { title: 'Spin 45' }, version: 3 };
  assert.deepEqual(say({ kind: 'batch', ops: [move, update] }), { sentence: 'Mei moved Spin', detail: 'Mon 5 Jan, 08:00–09:00 · title: Spin 45' });
});

test('a newer service’s kind is admitted, not invented', () => {
  assert.match(say({ kind: 'course_clone' } as unknown as wire.Effect).sentence, /too old to name/);
});

test('courses are found in batches', () => {
  assert.deepEqual(coursesOf({ kind: 'batch', ops: [move, { kind: 'course_create', course }] }), ['c', 'c']);
});

test('a search finds rooms by all of its words, in name and zone', () => {
  const room = (name: string, timezone: string) => ({ room: name, name, timezone, seq: 0, role: 'owner' as const, createdAt: '' });
  const rooms = [room('Riverside', 'America/New_York'), room('Harbour', 'Europe/Lisbon')];
  assert.deepEqual(found(rooms, 'new york river', 'en').map(({ name }) => name), ['Riverside']);
  assert.deepEqual(found(rooms, '', 'en').map(({ name }) => name), ['Harbour', 'Riverside']);
  assert.deepEqual(found(rooms, 'oslo', 'en'), []);
});
