// Trainers and studios: what may overlap on them.

import type * as wire from '../wire.js';
import { byBytes } from './order.js';
import { MINUTE } from './time.js';

/** What holds on a resource, registered or not. */
export interface Rule {
  readonly overlap: wire.OverlapName;
  /** Least milliseconds between two courses. */
  readonly buffer: number;
  /** How many people fit, where known. */
  readonly capacity: number | null;
}

/** Trainer or studio, and which: the two kinds have separate name spaces. */
export interface Key {
  readonly kind: wire.ResourceKindName;
  readonly id: string;
}

/** A key as text, for maps. */
export function resourceKey(kind: wire.ResourceKindName, id: string): string {
  return `${kind}\u0000${id}`;
}

/** The key that a text stands for. */
export function keyOf(text: string): Key {
  const [kind, id = ''] = text.split('\u0000');
  return { kind: kind === 'trainer' ? 'trainer' : 'studio', id };
}

/** Trainers first, then by id. */
export function byKey(a: Key, b: Key): number {
  if (a.kind !== b.kind) return a.kind === 'trainer' ? -1 : 1;
  return byBytes(a.id, b.id);
}

/** The rule that a resource sets. */
export function ruleOf(resource: Pick<wire.Resource, 'overlap' | 'bufferMinutes' | 'capacity'>): Rule {
  return {
    overlap: resource.overlap, buffer: resource.bufferMinutes * MINUTE, capacity: resource.capacity ?? null,
  };
}

/** The rule of what was never registered. */
export function defaultRule(policy: wire.Policy): Rule {
  return { overlap: policy.defaultOverlap, buffer: 0, capacity: null };
}

export function sameRule(one: Rule, other: Rule): boolean {
  return one.overlap === other.overlap && one.buffer === other.buffer && one.capacity === other.capacity;
}

/** The resources that a course takes: none, one or two. */
export function keysOf(course: { trainerId: string | null; studioId: string | null }): Key[] {
  const keys: Key[] = [];
  if (course.trainerId !== null) keys.push({ kind: 'trainer', id: course.trainerId });
  if (course.studioId !== null) keys.push({ kind: 'studio', id: course.studioId });
  return keys;
}
