// The board's pure modules: folding, digest, time zones, layout, operations from the form, words.

import assert from 'node:assert/strict';
import test from 'node:test';

const board = (name) => import(new URL(`../../../web/board/src/${name}.js`, import.meta.url));
globalThis.document = { baseURI: 'http://localhost/' };

const { Timetable } = await board('timetable');
const { hex, mark } = await board('digest');
const { predict, touched } = await board('prediction');
const time = await board('time');
const { segments, sideBySide, hourRange } = await board('layout');
const { opOf, valuesOf, timesOf } = await board('editor');
const { suggestionText, withSuggestion } = await board('refusal');
const { conflictText, eventText, initials } = await board('words');
const { afterClose, delay } = await board('backoff');
const { describe } = await board('status');
const { stepped } = await board('gestures');
const { demoWeek } = await board('demo');
const { inkOn } = await board('color');

const course = (id, more = {}) => ({
  id, version: 1, title: 'Spin', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z',
  trainerId: null, studioId: null, capacity: null, color: null, notes: null, tags: [],
  createdBy: 'u', updatedBy: 'u', updatedAt: '2026-01-01T00:00:00Z', ...more,
});
const event = (seq, kind, data, more = {}) => ({
  seq, opId: `op${seq}`, userId: 'mei', at: '2026-01-02T00:00:00Z', kind, data, ...more,
});

/** The digest worked out again from nothing, with another arithmetic. */
function recomputed(timetable) {
  let sum = 0n;
  for (const map of [timetable.courses, timetable.resources, timetable.templates]) {
    for (const { id, version } of map.values()) {
      let hash = 0x811c9dc5n;
      for (const byte of Buffer.from(`${id}:${version}`)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
      sum ^= hash;
    }
  }
  return sum.toString(16).padStart(8, '0');
}

test('digest: FNV-1a with known values, zero when empty', () => {
  assert.equal(new Timetable().digest(), '00000000');
  assert.equal(hex(mark('abc', 12)), 'e2fa896c');
  const one = new Timetable();
  one.fold(event(1, 'course_create', { course: course('課程') }));
  assert.equal(one.digest(), recomputed(one));
});

test('fold: every kind, and the digest follows', () => {
  const timetable = new Timetable();
  const steps = [
    ['course_create', { course: course('a') }],
    ['course_create', { course: course('b') }],
    ['course_update', { courseId: 'a', patch: { title: 'Flow', trainerId: 't' }, version: 2 }],
    ['course_move', { courseId: 'a', startsAt: '2026-01-06T08:00:00Z', endsAt: '2026-01-06T09:00:00Z', studioId: 's', version: 3 }],
    ['resource_upsert', { resource: { id: 'x', kind: 'trainer', name: 'X', overlap: 'forbid', version: 1 } }],
    ['resource_upsert', { resource: { id: 'x', kind: 'studio', name: 'Y', overlap: 'warn', version: 1 } }],
    ['resource_delete', { resourceId: 'x', resourceKind: 'trainer' }],
    ['template_save', { template: { id: 'w', name: 'Week', slots: [], version: 1 } }],
    ['template_apply', { templateId: 'w', from: '2026-01-05', to: '2026-01-11', courses: [course('c')], skipped: [] }],
    ['template_delete', { templateId: 'w' }],
    ['batch', { ops: [{ kind: 'course_delete', courseId: 'b' }, { kind: 'course_update', courseId: 'c', patch: { notes: 'n' }, version: 2 }] }],
    ['policy_set', { policy: { defaultOverlap: 'warn' } }],
    ['from_the_future', {}],
  ];
  steps.forEach(([kind, data], index) => {
    timetable.fold(event(index + 1, kind, data));
    assert.equal(timetable.digest(), recomputed(timetable), kind);
  });
  assert.equal(timetable.seq, steps.length);
  assert.deepEqual([...timetable.courses.keys()].sort(), ['a', 'c']);
  const a = timetable.courses.get('a');
  assert.deepEqual([a.title, a.trainerId, a.studioId, a.version, a.updatedBy], ['Flow', 't', 's', 3, 'mei']);
  assert.equal(timetable.studio('x').name, 'Y');
  assert.equal(timetable.trainer('x'), undefined);
  assert.deepEqual(timetable.policy, { staleEdits: 'merge', defaultOverlap: 'warn' });
});

test('fold: a snapshot of the same state has the same digest; conflicts come and go', () => {
  const timetable = new Timetable();
  const conflict = { id: 'k', kind: 'studio_overlap', resourceId: 's', courses: [{ courseId: 'a' }, { courseId: 'b' }] };
  timetable.fold(event(1, 'course_create', { course: course('a') }, { conflicts: { detected: [conflict], resolved: [] } }));
  assert.equal(timetable.conflictsOf('b').length, 1);
  const other = new Timetable();
  other.reset({ epoch: 1, seq: 1, state: { courses: [...timetable.courses.values()], resources: [], templates: [], conflicts: [conflict] } });
  assert.equal(other.digest(), timetable.digest());
  timetable.fold(event(2, 'course_delete', { courseId: 'a' }, { conflicts: { detected: [], resolved: ['k'] } }));
  assert.equal(timetable.conflicts.size, 0);
  assert.equal(timetable.digest(), '00000000');
});

test('prediction: leaves the committed state alone', () => {
  const timetable = new Timetable();
  timetable.fold(event(1, 'course_create', { course: course('a') }));
  const ops = [
    { kind: 'course_move', courseId: 'a', startsAt: '2026-01-07T10:00:00Z' },
    { kind: 'batch', ops: [{ kind: 'course_create', course: { id: 'n', title: 'New' } }, { kind: 'course_update', courseId: 'a', patch: { title: 'X' } }] },
    { kind: 'undo' },
  ];
  const guess = predict(timetable, ops);
  assert.equal(guess.courses.get('a').endsAt, '2026-01-07T11:00:00Z');
  assert.equal(guess.courses.get('a').title, 'X');
  assert.equal(timetable.courses.get('a').title, 'Spin');
  assert.equal(timetable.courses.size, 1);
  assert.deepEqual(touched(ops[1]), ['n', 'a']);
});

test('time: zones, daylight saving, odd offsets', () => {
  const wall = (text) => Date.parse(`${text}Z`);
  const iso = (text, zone) => time.wire(time.fromWall(wall(text), zone));
  assert.equal(iso('2026-11-24T09:00', 'Asia/Taipei'), '2026-11-24T01:00:00Z');
  assert.equal(iso('2026-11-24T09:00', 'Asia/Kathmandu'), '2026-11-24T03:15:00Z');
  assert.equal(iso('2026-03-28T09:00', 'Europe/Berlin'), '2026-03-28T08:00:00Z');
  assert.equal(iso('2026-03-29T09:00', 'Europe/Berlin'), '2026-03-29T07:00:00Z');
  assert.equal(iso('2026-03-29T02:30', 'Europe/Berlin'), '2026-03-29T01:30:00Z');
  assert.equal(iso('2026-11-01T08:00', 'America/Toronto'), '2026-11-01T13:00:00Z');
  const ms = Date.parse('2026-11-24T16:30:00Z');
  assert.equal(time.dateText(time.dayOf(time.toWall(ms, 'Asia/Taipei'))), '2026-11-25');
  assert.equal(time.dateText(time.mondayOf(time.parseDate('2026-11-29'))), '2026-11-23');
  assert.equal(time.dateText(time.mondayOf(time.parseDate('2026-11-23'))), '2026-11-23');
  assert.equal(time.parseDate('nonsense'), null);
  assert.equal(time.wire(1500), '1970-01-01T00:00:01.500Z');
});

test('layout: side by side, past midnight, hours', () => {
  const at = (id, from, to) => ({ course: { id }, column: 0, from, to });
  const parts = sideBySide([at('a', 540, 600), at('b', 570, 630), at('c', 600, 660), at('d', 700, 760)]);
  const of = (id) => parts.find((part) => part.course.id === id);
  assert.deepEqual([of('a').left, of('b').left, of('c').left], [0, 0.5, 0]);
  assert.deepEqual([of('a').width, of('d').width], [0.5, 1]);
  const monday = time.parseDate('2026-01-05');
  const late = course('l', { startsAt: '2026-01-05T22:00:00Z', endsAt: '2026-01-06T01:30:00Z' });
  const pieces = segments(late, monday, 'UTC');
  assert.deepEqual(pieces.map(({ column, from, to }) => [column, from, to]), [[0, 1320, 1440], [1, 0, 90]]);
  assert.deepEqual(hourRange(pieces), { first: 0, last: 24 });
  assert.equal(segments(course('e', { endsAt: '2026-01-06T00:00:00Z' }), monday, 'UTC').length, 1);
  assert.equal(segments(course('n'), monday + 7, 'UTC').length, 0);
});

test('editor: the smallest operation that says what was changed', () => {
  const one = course('a', { trainerId: 't' });
  const before = valuesOf(one, 'Asia/Taipei');
  assert.deepEqual([before.date, before.start, before.end], ['2026-01-05', '16:00', '17:00']);
  const op = (changes) => opOf(one, before, { ...before, ...changes }, 'Asia/Taipei');
  assert.equal(op({}), null);
  assert.deepEqual(op({ title: ' Flow ', capacity: '', trainerId: '' }), { kind: 'course_update', courseId: 'a', patch: { title: 'Flow', trainerId: null } });
  assert.deepEqual(op({ start: '16:30', studioId: 's' }), { kind: 'course_move', courseId: 'a', startsAt: '2026-01-05T08:30:00Z', endsAt: '2026-01-05T09:00:00Z', studioId: 's' });
  assert.deepEqual(op({ start: '16:30', tags: 'hot, new' }).ops.map(({ kind }) => kind), ['course_move', 'course_update']);
  assert.equal(timesOf({ ...before, end: '00:30' }, 'Asia/Taipei').endsAt, '2026-01-05T16:30:00Z');
  assert.equal(timesOf({ ...before, end: '' }, 'Asia/Taipei'), null);
});

test('refusal: a suggestion changes only the place', () => {
  const place = { startsAt: 'S', endsAt: 'E' };
  assert.deepEqual(withSuggestion({ kind: 'course_create', course: { id: 'a', title: 'T', startsAt: 's' } }, { ...place, studioId: 'x' }).course, { id: 'a', title: 'T', startsAt: 'S', endsAt: 'E', studioId: 'x' });
  assert.deepEqual(withSuggestion({ kind: 'course_update', courseId: 'a', patch: { trainerId: 't' } }, place), { kind: 'course_move', courseId: 'a', trainerId: 't', startsAt: 'S', endsAt: 'E' });
  assert.equal(withSuggestion({ kind: 'undo' }, place), null);
  const timetable = new Timetable();
  timetable.fold(event(1, 'course_create', { course: course('a', { trainerId: 't', studioId: 's' }) }));
  const suggestion = { startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z', trainerId: 't', studioId: 'x' };
  const context = { timetable, zone: 'UTC' };
  assert.equal(suggestionText(suggestion, { kind: 'course_move', courseId: 'a' }, context), 'Mon 5 Jan, 08:00–09:00 · x');
  assert.equal(suggestionText(suggestion, { kind: 'course_update', courseId: 'a', patch: { studioId: 'x' } }, context), 'Mon 5 Jan, 08:00–09:00');
});

test('words: conflicts, history, initials', () => {
  const timetable = new Timetable();
  timetable.fold(event(1, 'resource_upsert', { resource: { id: 't', kind: 'trainer', name: 'Ana Duarte', overlap: 'forbid', version: 1 } }));
  const conflict = {
    id: 'k', kind: 'trainer_overlap', resourceId: 't',
    courses: [{ courseId: 'a', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z' }, { courseId: 'b', startsAt: '2026-01-05T08:30:00Z', endsAt: '2026-01-05T09:30:00Z' }],
  };
  const context = { timetable, zone: 'UTC', courseId: 'a' };
  assert.equal(conflictText(conflict, context), 'Ana Duarte already teaches a class in another timetable 08:30–09:30.');
  const text = eventText(event(2, 'course_move', { courseId: 'a', startsAt: '2026-01-05T08:00:00Z', endsAt: '2026-01-05T09:00:00Z' }), { title: () => 'Spin', zone: 'UTC', timetable });
  assert.deepEqual(text, { verb: 'moved', subject: 'Spin', detail: 'Mon 5 Jan, 08:00–09:00' });
  assert.deepEqual(['Mei Lin', 'Kenji', '林 美', ' '].map(initials), ['ML', 'K', '林美', '?']);
});

test('backoff and close codes', () => {
  assert.ok(delay(0, () => 0) >= 100 && delay(30, () => 1) <= 20_000);
  assert.equal(afterClose(1012).next, 'retry');
  assert.equal(afterClose(4009).next, 'retry');
  assert.equal(afterClose(4002).next, 'token');
  assert.equal(afterClose(4400).next, 'stop');
  assert.equal(afterClose(4029).floorMs, 5000);
});

test('status: never says live when it is not', () => {
  const facts = { state: 'live', joined: true, pending: 0, slow: false, retryAt: 0, reason: '', now: 0 };
  assert.equal(describe(facts).text, 'Live');
  assert.equal(describe({ ...facts, joined: false }).text, 'Connecting');
  assert.equal(describe({ ...facts, pending: 2, slow: true }).text, 'Saving 2…');
  assert.match(describe({ ...facts, state: 'waiting', pending: 1, retryAt: 2500 }).banner, /in 3 s.*1 change waits/);
  assert.equal(describe({ ...facts, state: 'offline', pending: 3 }).text, 'Offline · 3 unsent');
});

test('keyboard steps keep the clock across daylight saving', () => {
  const saturday = course('a', { startsAt: '2026-03-28T08:00:00Z', endsAt: '2026-03-28T09:00:00Z' });
  const op = stepped(saturday, { days: 1 }, 'Europe/Berlin');
  assert.deepEqual([op.startsAt, op.endsAt], ['2026-03-29T07:00:00Z', '2026-03-29T08:00:00Z']);
});

test('the demo week double-books nobody that may not be', () => {
  const { ops } = demoWeek(time.parseDate('2026-01-05'), 'Asia/Taipei', 't');
  assert.ok(ops.length >= 40 && ops.length <= 100);
  const clash = (a, b) => Date.parse(a.startsAt) < Date.parse(b.endsAt) && Date.parse(b.startsAt) < Date.parse(a.endsAt);
  const courses = ops.map((op) => op.course);
  courses.forEach((a, index) => courses.slice(index + 1).forEach((b) => {
    if (!clash(a, b)) return;
    assert.notEqual(a.trainerId, b.trainerId, `${a.title} ${a.startsAt}`);
    if (a.studioId !== 'floor-t') assert.notEqual(a.studioId, b.studioId, `${a.title} ${a.startsAt}`);
  }));
});

test('ink is readable on every colour', () => {
  assert.equal(inkOn('#ffffff'), '#14181c');
  assert.equal(inkOn('#0f766e'), '#ffffff');
  assert.equal(inkOn(undefined), '#ffffff');
});
