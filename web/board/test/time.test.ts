// Time zones, daylight saving, and what the room's clock shows.

import assert from 'node:assert/strict';
import test from 'node:test';
import * as time from '../src/app/time.js';

test('time: zones, daylight saving, odd offsets', () => {
  const iso = (text: string, zone: string) => time.wire(time.fromWall(Date.parse(`${text}Z`), zone));
  assert.equal(iso('2026-11-24T09:00', 'Asia/Taipei'), '2026-11-24T01:00:00Z');
  assert.equal(iso('2026-11-24T09:00', 'Asia/Kathmandu'), '2026-11-24T03:15:00Z');
  assert.equal(iso('2026-03-28T09:00', 'Europe/Berlin'), '2026-03-28T08:00:00Z');
  assert.equal(iso('2026-03-29T09:00', 'Europe/Berlin'), '2026-03-29T07:00:00Z');
  assert.equal(iso('2026-03-29T02:30', 'Europe/Berlin'), '2026-03-29T01:30:00Z');
  assert.equal(iso('2026-11-01T08:00', 'America/Toronto'), '2026-11-01T13:00:00Z');
  assert.equal(time.wire(1500), '1970-01-01T00:00:01.500Z');
});

test('time: days and weeks', () => {
  const ms = Date.parse('2026-11-24T16:30:00Z');
  assert.equal(time.dateText(time.dayOf(time.toWall(ms, 'Asia/Taipei'))), '2026-11-25');
  const monday = (text: string) => time.dateText(time.mondayOf(time.parseDate(text) ?? Number.NaN));
  assert.equal(monday('2026-11-29'), '2026-11-23');
  assert.equal(monday('2026-11-23'), '2026-11-23');
  assert.equal(time.parseDate('nonsense'), null);
});
