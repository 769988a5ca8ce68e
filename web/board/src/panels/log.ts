// The events that the history shows: read a page at a time, kept up as new ones come, and the names
// of courses and templates that are gone.

import { type Room, type wire } from '@kyo/collaboration-client';
import { signal } from '@preact/signals';
import { coursesOf, effectOf } from './eventtext.js';

const PAGE = 100;
/** One press on `older` reads this many pages at most while nothing matches. */
const PAGES = 5;

/** What is shown of the log; empty fields let everything pass. */
export interface Filter { readonly userId: string; readonly title: string }

/** See the module's comment. */
export class Log {
  /** Newest first. */
  readonly events = signal<readonly wire.Event[]>([]);
  readonly more = signal(false);
  readonly problem = signal('');
  readonly filter = signal<Filter>({ userId: '', title: '' });
  readonly #titles = new Map<string, string>();
  readonly #templates = new Map<string, string>();
  #open = false;

  constructor(private readonly room: Room) {}

  /** Starts to show the newest. */
  async begin(): Promise<void> {
    this.#open = true;
    this.events.value = [];
    this.problem.value = '';
    await this.older();
  }

  /** Stops keeping up. */
  end(): void {
    this.#open = false;
  }

  /** Takes a new event; `before` is the course as it was. */
  saw(event: wire.Event, before: wire.Course | undefined): void {
    if (before) this.#titles.set(before.id, before.title);
    this.#learn(effectOf(event));
    const newest = this.events.peek()[0]?.seq ?? 0;
    if (this.#open && newest > 0 && event.seq > newest) this.events.value = [event, ...this.events.peek()];
  }

  /** Reads on, until something more matches. */
  async older(): Promise<void> {
    const had = this.shown.length;
    try {
      let pages = 0;
      do await this.#page();
      while (this.more.peek() && this.shown.length === had && (pages += 1) < PAGES);
    } catch (error) {
      this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  async #page(): Promise<void> {
    const before = this.events.peek().at(-1)?.seq;
    const page = await this.room.history({ limit: PAGE, ...(before && { before }) });
    for (const event of page.events) this.#learn(effectOf(event));
    const known = new Set(this.events.peek().map(({ seq }) => seq));
    const fresh = page.events.filter(({ seq }) => !known.has(seq));
    this.events.value = [...this.events.peek(), ...fresh].sort((a, b) => b.seq - a.seq);
    this.more.value = page.hasMore;
  }

  /** Events that pass the filter. */
  get shown(): readonly wire.Event[] {
    const { userId, title } = this.filter.value;
    const names = (event: wire.Event) => coursesOf(effectOf(event)).some((id) => this.title(id) === title);
    return this.events.value.filter((event) => (!userId || event.userId === userId) && (!title || names(event)));
  }

  /** The title that a course has or had; empty when nobody knows. */
  title(courseId: string): string {
    return this.room.view.courses.get(courseId)?.title ?? this.#titles.get(courseId) ?? '';
  }

  /** The name that a template has or had; empty when nobody knows. */
  template(templateId: string): string {
    return this.room.view.templates.get(templateId)?.name ?? this.#templates.get(templateId) ?? '';
  }

  /** Titles of classes that have a history here, sorted. */
  get titles(): string[] {
    const ids = new Set(this.events.value.flatMap((event) => coursesOf(effectOf(event))));
    return [...new Set([...ids].map((id) => this.title(id)).filter(Boolean))].sort((a, b) => a.localeCompare(b));
  }

  #learn(effect: wire.Effect): void {
    if (effect.kind === 'course_create') this.#titles.set(effect.course.id, effect.course.title);
    else if (effect.kind === 'template_save') this.#templates.set(effect.template.id, effect.template.name);
    else if (effect.kind === 'template_apply') for (const { id, title } of effect.courses) this.#titles.set(id, title);
    else if (effect.kind === 'batch') for (const inner of effect.ops) this.#learn(inner);
    else if (effect.kind === 'course_update' && effect.patch.title && !this.#titles.has(effect.courseId)) {
      this.#titles.set(effect.courseId, effect.patch.title);
    }
  }
}
