// Says to screen readers what colleagues did: one sentence a change, or how many there were when
// they come faster than anybody can listen.

import type { wire } from '@kyo/collaboration-client';
import { t } from '../language/index.js';
import { announce } from './dom.js';
import { spanText } from './time.js';

const TOGETHER_MS = 1200;

/** What a sentence needs to know. */
export interface Teller {
  zone: string;
  name: string;
  /** The title of a course, as it is or was. */
  title(courseId: string): string;
}

/** One committed operation as a sentence. */
export function heard({ kind, data }: wire.Event, { zone, name, title }: Teller): string {
  if ('course' in data) return t('heard.created', { name, title: data.course.title, when: spanText(data.course.startsAt, data.course.endsAt, zone) });
  if (!('courseId' in data)) return t('heard.other', { name });
  const about = { name, title: title(data.courseId) };
  if ('startsAt' in data) return t('heard.moved', { ...about, when: spanText(data.startsAt, data.endsAt, zone) });
  return kind === 'course_delete' ? t('heard.removed', about) : t('heard.changed', about);
}

/** Gathers sentences for a moment, then says them. */
export class Telling {
  #waiting = new Map<string, string[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes a sentence about somebody's change. */
  hear(name: string, sentence: string): void {
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []).slice(-99), sentence]);
    this.#timer ??= setTimeout(() => this.#say(), TOGETHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #say(): void {
    this.#timer = undefined;
    const said = [...this.#waiting].map(([name, sentences]) =>
      sentences.length > 2 ? t('heard.many', { name, count: sentences.length }) : sentences.join('. '));
    this.#waiting.clear();
    announce(said.join('. '));
  }
}
