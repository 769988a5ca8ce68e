// The state of one room as committed events make it. A pure fold: it never decides and never knows
// the page or the network. The digest is kept up to date with each change, so checking is free.

import { hex, mark } from './digest.js';

/** Trainers and studios have separate name spaces. */
export function resourceKey(kind, id) {
  return `${kind}\u0000${id}`;
}

export class Timetable {
  constructor() {
    this.epoch = 0;
    this.clear();
  }

  clear() {
    this.seq = 0;
    this.courses = new Map();
    this.resources = new Map();
    this.templates = new Map();
    this.conflicts = new Map();
    this.policy = { staleEdits: 'merge', defaultOverlap: 'forbid' };
    this.sum = 0;
  }

  /** Starts again from a snapshot. */
  reset({ epoch, seq, state }) {
    this.clear();
    this.epoch = epoch;
    this.seq = seq;
    for (const course of state.courses ?? []) this.put(this.courses, course.id, course);
    for (const resource of state.resources ?? []) this.putResource(resource);
    for (const template of state.templates ?? []) this.put(this.templates, template.id, template);
    for (const conflict of state.conflicts ?? []) this.conflicts.set(conflict.id, conflict);
    if (state.policy) this.policy = state.policy;
  }

  /** A shallow copy: entities are never changed in place, so sharing them is safe. */
  copy() {
    const other = new Timetable();
    other.epoch = this.epoch;
    other.seq = this.seq;
    other.courses = new Map(this.courses);
    other.resources = new Map(this.resources);
    other.templates = new Map(this.templates);
    other.conflicts = new Map(this.conflicts);
    other.policy = this.policy;
    other.sum = this.sum;
    return other;
  }

  digest() {
    return hex(this.sum);
  }

  trainer(id) {
    return this.resources.get(resourceKey('trainer', id));
  }

  studio(id) {
    return this.resources.get(resourceKey('studio', id));
  }

  /** Resources of one kind, by name. */
  resourcesOf(kind) {
    return [...this.resources.values()]
      .filter((resource) => resource.kind === kind)
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Standing conflicts of one course. */
  conflictsOf(courseId) {
    return [...this.conflicts.values()].filter((conflict) =>
      conflict.courses.some((course) => course.courseId === courseId));
  }

  /** Takes the next event. `event.seq` must be `seq + 1`; the caller looks after gaps. */
  fold(event) {
    this.change(event.kind, event.data, event);
    for (const id of event.conflicts?.resolved ?? []) this.conflicts.delete(id);
    for (const conflict of event.conflicts?.detected ?? []) this.conflicts.set(conflict.id, conflict);
    this.seq = event.seq;
  }

  change(kind, data, event) {
    switch (kind) {
      case 'course_create': this.put(this.courses, data.course.id, data.course); break;
      case 'course_update': this.touch(data, data.patch, event); break;
      case 'course_move': this.touch(data, placeOf(data), event); break;
      case 'course_delete': this.remove(this.courses, data.courseId); break;
      case 'resource_upsert': this.putResource(data.resource); break;
      case 'resource_delete': this.removeResource(data); break;
      case 'template_save': this.put(this.templates, data.template.id, data.template); break;
      case 'template_delete': this.remove(this.templates, data.templateId); break;
      case 'template_apply':
        for (const course of data.courses) this.put(this.courses, course.id, course);
        break;
      case 'batch':
        for (const { kind: inner, ...rest } of data.ops) this.change(inner, rest, event);
        break;
      case 'policy_set': this.policy = { ...this.policy, ...data.policy }; break;
      default: break; // A newer server's kind: the digest says whether it mattered.
    }
  }

  touch({ courseId, version }, fields, event) {
    const before = this.courses.get(courseId);
    if (!before) return;
    this.put(this.courses, courseId, {
      ...before, ...fields, version, updatedBy: event.userId, updatedAt: event.at,
    });
  }

  putResource(resource) {
    this.put(this.resources, resourceKey(resource.kind, resource.id), resource);
  }

  removeResource({ resourceId, resourceKind, kind = resourceKind }) {
    for (const each of kind ? [kind] : ['trainer', 'studio']) {
      this.remove(this.resources, resourceKey(each, resourceId));
    }
  }

  put(map, key, entity) {
    this.remove(map, key);
    map.set(key, entity);
    this.sum ^= mark(entity.id, entity.version);
  }

  remove(map, key) {
    const before = map.get(key);
    if (!before) return;
    this.sum ^= mark(before.id, before.version);
    map.delete(key);
  }
}

/** The fields that a move sets. */
function placeOf(data) {
  const fields = { startsAt: data.startsAt, endsAt: data.endsAt };
  if ('trainerId' in data) fields.trainerId = data.trainerId;
  if ('studioId' in data) fields.studioId = data.studioId;
  return fields;
}
