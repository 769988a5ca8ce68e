// The state of one room as committed events make it: courses, resources, templates, rules, and what
// clashes. It never decides; `fold` changes it, `decide` and pages read it.

import type * as wire from '../wire.js';
import { Bookings } from './bookings.js';
import { conflictKeyText, names } from './conflict.js';
import { type Entry, FIELDS, type Fields, type Versions, allSetBy, fieldsOf, samePlace } from './course.js';
import { hex, mark } from './digest.js';
import { byBytes } from './order.js';
import { type Rule, defaultRule, resourceKey, ruleOf } from './rule.js';

/** The state of one room. Entities are never changed in place, so sharing them is safe. */
export class Timetable {
  /** Of which log. */
  epoch = 0;
  /** The last event folded in. */
  seq = 0;
  /** By id. */
  readonly courses = new Map<string, wire.Course>();
  /** By `resourceKey`. */
  readonly resources = new Map<string, wire.Resource>();
  /** By id. */
  readonly templates = new Map<string, wire.Template>();
  /** Those that stand, by id. */
  readonly conflicts = new Map<string, wire.Conflict>();
  policy: wire.Policy = { staleEdits: 'merge', defaultOverlap: 'forbid' };
  readonly bookings: Bookings;
  #entries: Map<string, Entry>;
  #sum = 0;

  /** An empty timetable, or a copy that may be changed on its own. */
  constructor(readonly room: string, from?: Timetable) {
    this.bookings = new Bookings(from?.bookings);
    this.#entries = new Map(from ? from.#entries : []);
    if (!from) return;
    this.epoch = from.epoch;
    this.seq = from.seq;
    this.courses = new Map(from.courses);
    this.resources = new Map(from.resources);
    this.templates = new Map(from.templates);
    this.conflicts = new Map(from.conflicts);
    this.policy = from.policy;
    this.#sum = from.#sum;
  }

  /**
   * The state of a snapshot. What it does not say, such as which version set which field last, is
   * taken from `before` where that knows, and otherwise supposed in the person's favour.
   */
  static of(room: string, from: { epoch: number; seq: number; state: wire.State }, before?: Timetable): Timetable {
    const made = new Timetable(room);
    made.epoch = from.epoch;
    made.seq = from.seq;
    made.policy = from.state.policy;
    for (const resource of from.state.resources) made.putResource(resource);
    for (const template of from.state.templates) made.putTemplate(template);
    for (const conflict of from.state.conflicts) made.conflicts.set(conflict.id, conflict);
    const standing = made.#standingOverForbid();
    for (const course of from.state.courses) {
      const [fields, known] = [fieldsOf(course), before?.entry(course.id)];
      const same = known !== undefined && samePlace(known.fields, fields);
      const overridden = standing.has(course.id) || (same && known.overridden);
      made.put({ course, fields, versions: versionsSince(known, course, fields), overridden });
    }
    return made;
  }

  /** A copy that may be changed on its own. */
  copy(): Timetable {
    return new Timetable(this.room, this);
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
    return [...this.conflicts.values()].filter((conflict) => names(conflict, courseId, this.room));
  }

  /** A course with what the wire does not say of it. */
  entry(courseId: string): Entry | undefined {
    return this.#entries.get(courseId);
  }

  /** What holds on a resource: its own rule, or the room's default when it is not registered. */
  rule(key: string): Rule {
    const resource = this.resources.get(key);
    return resource ? ruleOf(resource) : defaultRule(this.policy);
  }

  /** Whether a conflict is with a course of another room. */
  isElsewhere(conflict: wire.Conflict): boolean {
    return conflict.courses.some((course) => course.room !== this.room);
  }

  /** The snapshot `state` of this timetable: lists sorted by id, fields in the service's order. */
  state(): wire.State {
    const byId = <T extends { id: string }>(values: Iterable<T>) => [...values].sort((a, b) => byBytes(a.id, b.id));
    const kinds = (a: wire.Resource, b: wire.Resource) => byBytes(b.kind, a.kind);
    return {
      courses: byId(this.courses.values()),
      resources: byId([...this.resources.values()].sort(kinds)),
      templates: byId(this.templates.values()),
      policy: this.policy,
      conflicts: byId(this.conflicts.values()),
    };
  }

  /** Puts a course in place of what was called so. For `fold`. */
  put(entry: Entry): void {
    const { id, version } = entry.course;
    this.removeCourse(id);
    this.#sum ^= mark(id, version);
    this.courses.set(id, entry.course);
    this.#entries.set(id, entry);
    this.bookings.add(id, entry.fields);
  }

  removeCourse(id: string): void {
    const old = this.#entries.get(id);
    if (!old) return;
    this.#sum ^= mark(id, old.course.version);
    this.courses.delete(id);
    this.#entries.delete(id);
    this.bookings.remove(id, old.fields);
  }

  putResource(resource: wire.Resource): void {
    this.#swap(this.resources, resourceKey(resource.kind, resource.id), resource);
  }

  removeResource(key: string): void {
    this.#swap(this.resources, key, undefined);
  }

  putTemplate(template: wire.Template): void {
    this.#swap(this.templates, template.id, template);
  }

  removeTemplate(id: string): void {
    this.#swap(this.templates, id, undefined);
  }

  #swap<T extends { id: string; version: number }>(map: Map<string, T>, key: string, to: T | undefined): void {
    const old = map.get(key);
    if (old) this.#sum ^= mark(old.id, old.version);
    if (to) {
      this.#sum ^= mark(to.id, to.version);
      map.set(key, to);
    } else map.delete(key);
  }

  /** Courses that overlap where that is forbidden: they can only stand on an override. */
  #standingOverForbid(): Set<string> {
    const pairs = [...this.conflicts.values()].filter((conflict) =>
      conflict.courses.length > 1 && this.rule(conflictKeyText(conflict)).overlap === 'forbid');
    return new Set(pairs.flatMap((conflict) => conflict.courses.map((course) => course.courseId)));
  }
}

/** Fields that differ were set by the version that is there now; the others by whatever set them before. */
function versionsSince(known: Entry | undefined, course: wire.Course, fields: Fields): Versions {
  if (!known) return allSetBy(1);
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const value = (of: Fields, field: (typeof FIELDS)[number]) => (field === 'during' ? [of.start, of.end] : of[field]);
  return Object.fromEntries(FIELDS.map((field) => [
    field, same(value(known.fields, field), value(fields, field)) ? known.versions[field] : course.version,
  ])) as Versions;
}
