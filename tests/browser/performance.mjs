// What a frame costs in a full room: 1,000 courses in the week that is shown and 30 colleagues whose
// pointers move. Prints the scripting time a frame, traced by the browser. Not a test: numbers from a
// busy machine prove nothing. BIN names another binary; COURSES, PEOPLE and SECONDS other sizes.

import { createRequire } from 'node:module';
import { launch, live, person } from './people.mjs';
import { Service } from './service.mjs';

// Node 20 has no WebSocket of its own.
const { WebSocket } = createRequire(new URL('../../web/package.json', import.meta.url))('ws');

const COURSES = Number(process.env.COURSES ?? 1000);
const PEOPLE = Number(process.env.PEOPLE ?? 30);
const SECONDS = Number(process.env.SECONDS ?? 10);
const EVERY_MS = 33;
const DAY_MS = 86_400_000;

async function call(service, token, path, body) {
  const response = await fetch(new URL(`api/collaboration/v1/${path}`, service.address), {
    method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Fills this week from 06:00 to 22:00, `COURSES / 7` a day, so that many stand side by side. */
async function fill(service, token, room) {
  const monday = Date.now() - (Date.now() % DAY_MS) - ((new Date().getUTCDay() + 6) % 7) * DAY_MS;
  const course = (index) => {
    const start = monday + (index % 7) * DAY_MS + 6 * 3_600_000 + ((Math.floor(index / 7) * 20) % 900) * 60_000;
    return {
      kind: 'course_create',
      course: {
        title: `Class ${index}`, startsAt: new Date(start).toISOString(), endsAt: new Date(start + 3_600_000).toISOString(),
        trainerId: `trainer-${Math.floor(index / 20)}`, studioId: `studio-${Math.floor(index / 20)}`,
      },
    };
  };
  const ops = Array.from({ length: COURSES }, (_, index) => course(index));
  for (let at = 0; at < ops.length; at += 100) {
    await call(service, token, `rooms/${room}/ops`, { opId: crypto.randomUUID(), op: { kind: 'batch', ops: ops.slice(at, at + 100) } });
  }
  return new Date(monday).toISOString().slice(0, 10);
}

/** A colleague on an own socket whose pointer goes round. */
async function colleague(service, token, room, monday, index) {
  const socket = new WebSocket(new URL('api/collaboration/ws', service.address).href.replace('http', 'ws'));
  const say = (message) => socket.send(JSON.stringify(message));
  await new Promise((resolve, reject) => {
    socket.onopen = () => say({ type: 'authenticate', id: 1, token });
    socket.onerror = () => reject(new Error('no socket'));
    socket.onmessage = ({ data }) => {
      const { type, message } = JSON.parse(data);
      if (type === 'welcome') say({ type: 'join', id: 2, room });
      if (type === 'joined') resolve();
      if (type === 'error') reject(new Error(message));
    };
  });
  socket.onmessage = null;
  let angle = index;
  const timer = setInterval(() => {
    angle += 0.05;
    say({ type: 'cursor_move', room, x: 0.5 + 0.4 * Math.cos(angle), y: 0.6 + 0.25 * Math.sin(angle * 1.3), componentId: monday, componentType: 'week' });
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

/** Milliseconds of scripting in each frame, from a trace of the page's main thread. */
async function traced(browser, page, work) {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const animation = traceEvents.filter(({ name, ph }) => name === 'FireAnimationFrame' && ph === 'X');
  const main = mode(animation.map(({ pid, tid }) => `${pid} ${tid}`));
  const here = traceEvents.filter(({ pid, tid, ph, dur }) => ph === 'X' && dur && `${pid} ${tid}` === main);
  const begins = here.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts).sort((a, b) => a - b);
  const frames = begins.filter((ts, index) => index === 0 || ts - begins[index - 1] > 4000);
  const scripts = outermost(here.filter(({ name }) => ['FunctionCall', 'EvaluateScript', 'FireAnimationFrame', 'TimerFire', 'RunMicrotasks', 'EventDispatch', 'v8.callFunction'].includes(name)));
  const costs = frames.map(() => 0);
  let at = 0;
  for (const { ts, dur } of scripts) {
    while (at + 1 < frames.length && frames[at + 1] <= ts) at += 1;
    if (frames.length > 0 && ts >= frames[0]) costs[at] += dur / 1000;
  }
  return costs.slice(0, -1);
}

const mode = (values) => [...values.reduce((all, each) => all.set(each, (all.get(each) ?? 0) + 1), new Map())].sort((a, b) => b[1] - a[1])[0]?.[0];

/** Leaves out what runs inside another, or it would count twice. */
function outermost(events) {
  let end = 0;
  return events.sort((a, b) => a.ts - b.ts || b.dur - a.dur).filter(({ ts, dur }) => {
    if (ts < end) return false;
    end = ts + dur;
    return true;
  });
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

const service = await Service.begin();
const browser = await launch();
try {
  const { items } = await call(service, null, 'demo/people');
  const owner = items.find(({ role }) => role === 'owner') ?? items[0];
  const { room } = await call(service, owner.token, 'rooms', { name: 'Full house', timezone: 'UTC', policy: { staleEdits: 'merge', defaultOverlap: 'warn' } });
  const monday = await fill(service, owner.token, room);
  const leave = [];
  for (let index = 0; index < PEOPLE; index += 1) leave.push(await colleague(service, owner.token, room, monday, index));
  const page = await person(browser, 'Mei', { room, base: service.address, options: { reducedMotion: 'no-preference' } });
  await live(page);
  await page.locator('.cursor').nth(PEOPLE - 1).waitFor();
  const cards = await page.locator('.card[data-course]').count();
  const costs = await traced(browser, page, () => page.waitForTimeout(SECONDS * 1000));
  const sorted = [...costs].sort((a, b) => a - b);
  console.log(`${cards} cards, ${PEOPLE} pointers, ${SECONDS} s: ${costs.length} frames (${(costs.length / SECONDS).toFixed(1)}/s)`);
  console.log(`scripting a frame: median ${at(sorted, 0.5).toFixed(2)} ms, p95 ${at(sorted, 0.95).toFixed(2)} ms, most ${at(sorted, 1).toFixed(2)} ms`);
  for (const end of leave) end();
} finally {
  await browser.close();
  await service.end();
}
