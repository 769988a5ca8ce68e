// The rules here against what the service's own rules made of the same operations: outcome, event,
// conflicts and their ids, refusals, state and digest, byte for byte (tests/golden/vectors.rs).

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { canonical } from '../src/domain/canonical.js';
import { type Command, type Context } from '../src/domain/decide/case.js';
import { type Decision, decide } from '../src/domain/decide/decide.js';
import { Refusal, Undecidable } from '../src/domain/decide/refusal.js';
import { hiddenIn } from '../src/domain/decide/replay.js';
import { hash64 } from '../src/domain/digest.js';
import { effectOf, foldEvent } from '../src/domain/fold.js';
import { Past } from '../src/domain/past.js';
import { Timetable } from '../src/domain/timetable.js';
import { touchedBy } from '../src/domain/touched.js';
import type { wire } from '../src/index.js';

interface Step {
  user: string;
  role: wire.RoleName;
  at: number;
  ids: string;
  locked?: string;
  message: Command;
  event?: wire.Event;
  error?: { code: string; retryable: boolean; details?: unknown };
  digest?: string;
  state?: string;
}

const folder = new URL('../../../tests/golden/vectors/', import.meta.url);

/** The service's ids: the base with the number in its low 32 bits. */
function idOf(base: string, n: number): string {
  return base.slice(0, -8) + (Number.parseInt(base.slice(-8), 16) + n).toString(16).padStart(8, '0');
}

function contextOf(step: Step, timezone: string, past: Past): Context {
  const lock = { courseId: step.locked ?? '', userId: 'dan', sessionId: 'dan-1', expiresAt: new Date(step.at + 1).toISOString() };
  return {
    userId: step.user, sessionId: `${step.user}-1`, role: step.role, now: step.at, timezone, past,
    freshId: (n) => idOf(step.ids, n),
    lockAgainst: (courseId) => (courseId === step.locked ? lock : null),
  };
}

/** The answer to the question of a step; null where only the service knows. */
function answer(timetable: Timetable, step: Step, context: Context): Decision | Refusal | null {
  try {
    return decide(timetable, step.message, context);
  } catch (error) {
    if (error instanceof Undecidable) return null;
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function check(step: Step, given: Decision | Refusal | null, where: string): void {
  if (given === null) return;
  if (given instanceof Refusal) {
    const { code, retryable, details } = given.toError();
    assert.ok(step.error, `${where}: refused with ${code} ${given.message}`);
    assert.equal(code, step.error.code, where);
    assert.equal(retryable, step.error.retryable, where);
    assert.deepEqual(plain(details ?? null), step.error.details ?? null, where);
  } else {
    assert.ok(step.event, `${where}: accepted, not refused with ${JSON.stringify(step.error)}`);
    assert.deepEqual(plain(given.event), step.event, where);
  }
}

for (const name of readdirSync(folder).sort()) {
  test(`vectors ${name}`, () => {
    const lines = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n');
    const { room, timezone } = JSON.parse(lines[0] ?? '') as { room: string; timezone: string };
    const timetable = new Timetable(room);
    const past = new Past();
    for (const [index, line] of lines.slice(1, -1).entries()) {
      const step = JSON.parse(line) as Step;
      const where = `${name}:${index + 2} ${step.message.op.kind}`;
      const given = answer(timetable, step, contextOf(step, timezone, past));
      check(step, given, where);
      assert.ok(given || step.message.op.kind === 'restore', `${where}: not decided`);
      if (!step.event) continue;
      const hidden = hiddenIn(timetable, step.event);
      if (given && !(given instanceof Refusal)) {
        assert.deepEqual(plain(hidden.inverse), plain(given.inverse), `${where}: what would revert it`);
      }
      foldEvent(timetable, step.event, hidden.marks);
      past.push({ event: step.event, inverse: hidden.inverse, touched: touchedBy(effectOf(step.event)) });
      assert.equal(timetable.digest(), step.digest, where);
      assert.equal(hash64(canonical(timetable)), step.state, where);
    }
    assert.equal(canonical(timetable), lines.at(-1), name);
  });
}
