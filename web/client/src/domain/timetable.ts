// The state of one room as committed events make it. A pure fold: it never decides and never knows
// the page or the network. The digest is kept up to date with each change, so checking is free.

import type * as wire from '../wire.js';
import { hex, mark } from './digest.js';

/** Trainers and studios have separate name spaces. */
export function resourceKey(kind: wire.ResourceKindName, id: string): string {
  return `${kind}\u0000${id}`;
}

interface Versioned { id: string; version: number }

/** The state of one room. Entities are never changed in place, so sharing them is safe. */
export class Timetable {
  epoch = 0;
  seq = 0;
  courses = new Map<string, wire.Course>();
  /** By `resourceKey`. */
  resources = new Map<string, wire.Resource>();
  templates = new Map<string, wire.Template>();
  conflicts = new Map<string, wire.Conflict>();
  policy: wire.Policy = { staleEdits: 'merge', defaultOverlap: 'forbid' };
  #sum = 0;

  /** The state of a snapshot. */
  static of(from: { epoch: number; seq: number; state: wire.State }): Timetable {
    const made = new Timetable();
    made.epoch = from.epoch;
    made.seq = from.seq;
    for (const course of from.state.courses) made.#put(made.courses, course.id, course);
    for (const resource of from.state.resources) made.#putResource(resource);
    for (const template of from.state.templates) made.#put(made.templates, template.id, template);
    for (const conflict of from.state.conflicts) made.conflicts.set(conflict.id, conflict);
    made.policy = from.state.policy;
    return made;
  }

  /** A copy that may be changed on its own. */
  copy(): Timetable {
    const other = new Timetable();
    other.epoch = this.epoch;
    other.seq = this.seq;
    other.courses = new Map(this.courses);
    other.resources = new Map(this.resources);
    other.templates = new Map(this.templates);
    other.conflicts = new Map(this.conflicts);
    other.policy = this.policy;
    other.#sum = this.#sum;
    return other;
  }

  /** Eight hex digits that change with every version. */
  digest(): string {
    return hex(this.#sum);
  }

  trainer(id: string): wire.Resource | undefined {
    return this.resources.get(resourceKey('trainer', id));
  }

  studio(id: string): wire.Resource | undefined {
    return this.resources.get(resourceKey('studio', id));
  }

  /** Resources of one kind, by name. */
  resourcesOf(kind: wire.ResourceKindName): wire.Resource[] {
    const found = [...this.resources.values()].filter((resource) => resource.kind === kind);
    return found.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Standing conflicts of one course. */
  conflictsOf(courseId: string): wire.Conflict[] {
    const names = (conflict: wire.Conflict) => conflict.courses.some((course) => course.courseId === courseId);
    return [...this.conflicts.values()].filter(names);
  }

  /** Takes the next event. `event.seq` must be `seq + 1`; the caller looks after gaps. */
  fold(event: wire.Event): void {
    this.#change({ kind: event.kind, ...event.data } as wire.Effect, event);
    for (const id of event.conflicts?.resolved ?? []) this.conflicts.delete(id);
    for (const conflict of event.conflicts?.detected ?? []) this.conflicts.set(conflict.id, conflict);
    this.seq = event.seq;
  }

  #change(effect: wire.Effect, event: wire.Event): void {
    switch (effect.kind) {
      case 'course_create': this.#put(this.courses, effect.course.id, effect.course); break;
      case 'course_update': this.#edit(effect, effect.patch, event); break;
      case 'course_move': this.#edit(effect, placeOf(effect), event); break;
      case 'course_delete': this.#remove(this.courses, effect.courseId); break;
      case 'resource_upsert': this.#putResource(effect.resource); break;
      case 'resource_delete':
        this.#remove(this.resources, resourceKey(effect.resourceKind, effect.resourceId));
        break;
      case 'template_save': this.#put(this.templates, effect.template.id, effect.template); break;
      case 'template_delete': this.#remove(this.templates, effect.templateId); break;
      case 'template_apply':
        for (const course of effect.courses) this.#put(this.courses, course.id, course);
        break;
      case 'batch': for (const inner of effect.ops) this.#change(inner, event); break;
      case 'policy_set': this.policy = effect.policy; break;
      default: break; // A newer service's kind: the digest says whether it mattered.
    }
  }

  #edit({ courseId, version }: { courseId: string; version: number }, fields: wire.CoursePatch, event: wire.Event): void {
    const before = this.courses.get(courseId);
    if (!before) return;
    const tags = fields.tags === null ? [] : fields.tags ?? before.tags;
    this.#put(this.courses, courseId, {
      ...before, ...fields, tags, version, updatedBy: event.userId, updatedAt: event.at,
    });
  }

  #putResource(resource: wire.Resource): void {
    this.#put(this.resources, resourceKey(resource.kind, resource.id), resource);
  }

  #put<T extends Versioned>(map: Map<string, T>, key: string, entity: T): void {
    this.#remove(map, key);
    map.set(key, entity);
    this.#sum ^= mark(entity.id, entity.version);
  }

  #remove<T extends Versioned>(map: Map<string, T>, key: string): void {
    const before = map.get(key);
    if (!before) return;
    this.#sum ^= mark(before.id, before.version);
    map.delete(key);
  }
}

/** The fields that a move sets. */
function placeOf(data: wire.CourseMoved): Partial<wire.Course> {
  return {
    startsAt: data.startsAt, endsAt: data.endsAt,
    ...('trainerId' in data ? { trainerId: data.trainerId ?? null } : {}),
    ...('studioId' in data ? { studioId: data.studioId ?? null } : {}),
  };
}
