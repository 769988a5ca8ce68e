// Local times as points in time, as the service reads them (src/domain/decide/apply.rs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromLocal } from '../src/domain/zone.js';

const utc = (zone: string, local: string) => new Date(fromLocal(zone, Date.parse(`${local}:00Z`))).toISOString().slice(0, 16);

test('a time in a gap is later by the gap', () => {
  for (const minute of ['00', '30', '59']) {
    assert.equal(utc('America/Toronto', `2027-03-14T02:${minute}`), `2027-03-14T07:${minute}`);
    assert.equal(utc('Europe/Berlin', `2026-03-29T02:${minute}`), `2026-03-29T01:${minute}`);
  }
});

test('a time that the clock shows twice is the first', () => {
  assert.equal(utc('America/Toronto', '2026-11-01T01:30'), '2026-11-01T05:30');
  assert.equal(utc('Europe/Berlin', '2026-10-25T02:30'), '2026-10-25T00:30');
});

test('zones with odd offsets and with none', () => {
  assert.equal(utc('Asia/Taipei', '2026-03-29T02:30'), '2026-03-28T18:30');
  assert.equal(utc('Asia/Kathmandu', '2026-03-29T02:30'), '2026-03-28T20:45');
  // Lord Howe Island goes back by half an hour.
  assert.equal(utc('Australia/Lord_Howe', '2026-04-05T01:45'), '2026-04-04T14:45');
  assert.equal(utc('Australia/Lord_Howe', '2026-10-04T02:15'), '2026-10-03T15:45');
  assert.equal(utc('UTC', '2026-03-29T02:30'), '2026-03-29T02:30');
});
