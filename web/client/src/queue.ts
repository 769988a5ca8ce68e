// Our operations of one room that are not committed yet, oldest first: in memory for the page, in the
// storage for the next one. Bounded. Knows nothing of sending.

import { coursesOf } from './domain/touched.js';
import { ServiceError } from './error.js';
import type { Kept, Storage } from './storage/storage.js';
import type * as wire from './wire.js';

/** An operation under way, as an application sees it. */
export interface Pending {
  readonly opId: string;
  readonly op: wire.Operation;
  /** Version of the touched entity that it is based on. */
  readonly baseVersion: number | undefined;
  /** Why the service will refuse it, as far as can be foreseen; it is sent all the same. */
  readonly foreseen: ServiceError | null;
}

/** The same with what sending needs to know. */
export interface Entry extends Pending {
  baseVersion: number | undefined;
  foreseen: ServiceError | null;
  readonly order: number;
  readonly quiet: boolean;
  inFlight: boolean;
  tries: number;
  /** Committed with this event, which we have not folded yet. */
  seq: number | null;
  /** Ends the promise of `apply`. */
  settle(ack: wire.Ack | null): void;
}

/** See the module's comment. */
export class Queue {
  #entries: Entry[] = [];
  #owner: string | null = null;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: Storage, private readonly room: string, private readonly limit: number,
    private readonly unsaved: (error: unknown) => void,
  ) {}

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Takes in what an earlier page left behind, and keeps what was added before the owner was known. */
  async open(owner: string): Promise<void> {
    if (this.#owner === owner) return;
    this.#owner = owner;
    const left = await this.storage.load(owner, this.room).catch((error: unknown) => {
      this.unsaved(error);
      return [];
    });
    const known = new Set(this.#entries.map((entry) => entry.opId));
    const found = left.filter((kept) => !known.has(kept.opId)).sort((a, b) => a.order - b.order);
    const fresh = this.#entries;
    this.#entries = [...found.map((kept) => entryOf(kept, { quiet: false, settle: () => {} })), ...fresh];
    for (const entry of fresh) this.save(entry);
  }

  /** Adds an operation; throws `queue_full` when too many wait. */
  add(made: Pick<Kept, 'opId' | 'op' | 'baseVersion'>, told: Pick<Entry, 'quiet' | 'settle'>): Entry {
    if (this.#entries.length >= this.limit) {
      throw new ServiceError({
        code: 'queue_full', message: `${this.limit} operations wait to be sent: no more fit until the service is back.`,
      });
    }
    const order = Math.max(Date.now(), (this.#entries.at(-1)?.order ?? 0) + 1);
    const entry = entryOf({ ...made, order }, told);
    this.#entries.push(entry);
    this.save(entry);
    return entry;
  }

  /** Writes an entry down as it is. */
  save({ opId, op, baseVersion, order }: Entry): void {
    const owner = this.#owner;
    if (owner !== null) this.#write(() => this.storage.put({ opId, owner, room: this.room, op, baseVersion, order }));
  }

  /** Forgets an entry that is committed or refused. */
  remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#write(() => this.storage.remove(entry.opId));
  }

  /** Resolves when everything so far is written down. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** One after the other: a removal must not overtake what it removes. */
  #write(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch(this.unsaved);
  }
}

/** What two operations must have in common to be sent one after the other. */
export function subjectsOf(op: wire.Operation): string[] | 'everything' {
  switch (op.kind) {
    case 'undo': case 'redo': case 'restore': case 'policy_set': case 'template_apply': return 'everything';
    case 'resource_upsert': return [`resource ${op.resource.id}`];
    case 'resource_delete': return [`resource ${op.resourceId}`];
    case 'template_save': return [`template ${op.template.id ?? ''}`];
    case 'template_delete': return [`template ${op.templateId}`];
    case 'batch': {
      const parts = op.ops.map(subjectsOf);
      return parts.includes('everything') ? 'everything' : parts.flat();
    }
    default: return coursesOf(op).map((id) => `course ${id}`);
  }
}

function entryOf(
  made: Pick<Kept, 'opId' | 'op' | 'baseVersion' | 'order'>, told: Pick<Entry, 'quiet' | 'settle'>,
): Entry {
  const { opId, op, baseVersion, order } = made;
  return { opId, op, baseVersion, order, ...told, foreseen: null, inFlight: false, tries: 0, seq: null };
}
