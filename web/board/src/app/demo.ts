// A believable week for somebody who looks around for the first time. Pure: builds operations only.
// Trainers and studios belong to the whole tenant, so each demo studio gets its own: `tag` tells them apart.

import type { wire } from '@kyo/collaboration-client';
import { DAY, MINUTE, fromWall, parseClock, wire as instant } from './time.js';

const TRAINERS: readonly (readonly [id: string, name: string])[] = [
  ['ana', 'Ana Duarte'], ['tom', 'Tom Becker'], ['yuna', 'Yuna Park'], ['leo', 'Leo Marchetti'],
  ['priya', 'Priya Nair'], ['hugo', 'Hugo Lindqvist'],
];

const STUDIOS: readonly (readonly [id: string, name: string, capacity: number, overlap: wire.OverlapName])[] = [
  ['studio-a', 'Studio A', 28, 'forbid'], ['cycle', 'Cycle Room', 20, 'forbid'],
  ['mat', 'Mat Room', 14, 'forbid'], ['floor', 'Gym Floor', 40, 'warn'],
];

const KINDS: Readonly<Record<string, readonly [color: string, minutes: number]>> = {
  'Sunrise Yoga': ['#0f766e', 60], 'Vinyasa Flow': ['#0f766e', 75], 'Yin & Breath': ['#0f766e', 60],
  'Spin 45': ['#dc4a1e', 45], 'Hill Climb': ['#dc4a1e', 60], 'Reformer Pilates': ['#db2777', 55],
  'Mat Pilates': ['#db2777', 50], 'Strength Lab': ['#2563eb', 60], 'Lift Basics': ['#2563eb', 60],
  'HIIT Express': ['#c77d0a', 30], 'Boxing Foundations': ['#7c3aed', 60], 'Mobility Reset': ['#4d7c0f', 45],
  'Open Gym Coaching': ['#52606d', 90],
};

type Slot = readonly [day: number, start: string, title: string, trainer: string, studio: string, capacity: number];

const WEEK: readonly Slot[] = [
  [0, '06:30', 'Sunrise Yoga', 'ana', 'studio-a', 24], [0, '07:00', 'Spin 45', 'leo', 'cycle', 20],
  [0, '09:30', 'Reformer Pilates', 'priya', 'mat', 12], [0, '12:15', 'HIIT Express', 'tom', 'floor', 24],
  [0, '17:30', 'Strength Lab', 'hugo', 'floor', 16], [0, '18:00', 'Hill Climb', 'leo', 'cycle', 20],
  [0, '19:15', 'Vinyasa Flow', 'ana', 'studio-a', 26],
  [1, '07:00', 'Lift Basics', 'hugo', 'floor', 12], [1, '09:00', 'Mat Pilates', 'priya', 'mat', 14],
  [1, '12:15', 'Spin 45', 'leo', 'cycle', 20], [1, '16:45', 'Mobility Reset', 'yuna', 'mat', 14],
  [1, '18:00', 'Boxing Foundations', 'tom', 'studio-a', 20], [1, '19:30', 'Yin & Breath', 'ana', 'studio-a', 24],
  [2, '06:30', 'Sunrise Yoga', 'yuna', 'studio-a', 24], [2, '07:00', 'Spin 45', 'leo', 'cycle', 20],
  [2, '10:00', 'Reformer Pilates', 'priya', 'mat', 12], [2, '12:15', 'HIIT Express', 'tom', 'floor', 24],
  [2, '17:00', 'Open Gym Coaching', 'hugo', 'floor', 20], [2, '17:45', 'Strength Lab', 'tom', 'floor', 16],
  [2, '18:30', 'Vinyasa Flow', 'ana', 'studio-a', 26],
  [3, '07:00', 'Lift Basics', 'hugo', 'floor', 12], [3, '09:00', 'Mat Pilates', 'priya', 'mat', 14],
  [3, '12:15', 'Spin 45', 'leo', 'cycle', 20], [3, '17:30', 'Boxing Foundations', 'tom', 'studio-a', 20],
  [3, '18:00', 'Hill Climb', 'leo', 'cycle', 20], [3, '18:15', 'Mobility Reset', 'yuna', 'mat', 14],
  [3, '19:30', 'Yin & Breath', 'ana', 'studio-a', 24],
  [4, '06:30', 'Sunrise Yoga', 'ana', 'studio-a', 24], [4, '07:00', 'Spin 45', 'leo', 'cycle', 20],
  [4, '09:30', 'Reformer Pilates', 'priya', 'mat', 12], [4, '12:15', 'HIIT Express', 'tom', 'floor', 24],
  [4, '17:00', 'Strength Lab', 'hugo', 'floor', 16], [4, '18:00', 'Spin 45', 'leo', 'cycle', 20],
  [5, '08:30', 'Vinyasa Flow', 'yuna', 'studio-a', 26], [5, '09:00', 'Hill Climb', 'leo', 'cycle', 20],
  [5, '10:15', 'Strength Lab', 'hugo', 'floor', 16], [5, '10:30', 'Mat Pilates', 'priya', 'mat', 14],
  [5, '12:00', 'Boxing Foundations', 'tom', 'studio-a', 20],
  [6, '09:00', 'Sunrise Yoga', 'ana', 'studio-a', 24], [6, '10:00', 'Open Gym Coaching', 'hugo', 'floor', 20],
  [6, '10:30', 'Reformer Pilates', 'priya', 'mat', 12], [6, '17:00', 'Yin & Breath', 'yuna', 'studio-a', 24],
];

export const DEMO_NAME = 'Demo Studio';

/** Operations that register trainers and studios. */
export function demoResources(tag: string): wire.Operation {
  const resource = (
    id: string, kind: wire.ResourceKindName, name: string, rest: { overlap: wire.OverlapName; capacity?: number },
  ): wire.Operation => ({ kind: 'resource_upsert', resource: { id: `${id}-${tag}`, kind, name, ...rest } });
  return {
    kind: 'batch',
    ops: [
      ...TRAINERS.map(([id, name]) => resource(id, 'trainer', name, { overlap: 'forbid' })),
      ...STUDIOS.map(([id, name, capacity, overlap]) => resource(id, 'studio', name, { capacity, overlap })),
    ],
  };
}

/** Operations that fill the week that begins on `monday`. */
export function demoWeek(monday: number, zone: string, tag: string): wire.Operation {
  return { kind: 'batch', ops: WEEK.map((slot) => demoCourse(slot, monday, zone, tag)) };
}

function demoCourse([day, clock, title, trainer, studio, capacity]: Slot, monday: number, zone: string, tag: string): wire.Operation {
  const [color, minutes] = KINDS[title] ?? ['#52606d', 60];
  const start = (monday + day) * DAY + (parseClock(clock) ?? 0) * MINUTE;
  return {
    kind: 'course_create',
    course: {
      id: crypto.randomUUID(), title, capacity, color, trainerId: `${trainer}-${tag}`, studioId: `${studio}-${tag}`,
      startsAt: instant(fromWall(start, zone)), endsAt: instant(fromWall(start + minutes * MINUTE, zone)),
    },
  };
}
