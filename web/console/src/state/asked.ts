// Something of the service that a page shows and asks for again while it is open.

import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Trouble } from '../service/trouble.js';
import { heard, suffer } from './health.js';
import { poll } from './polling.js';
import { operator } from './session.js';

/** The last answer, whatever came after it, and the trouble of the last time. */
export interface Asked<T> { readonly value: T | null; readonly trouble: Trouble | null }

/** Asks while the component is there; `key` says what is asked for. */
export function useAsked<T>(key: string, everyMs: number, read: (token: string) => Promise<T>): Signal<Asked<T>> {
  const asked = useSignal<Asked<T>>({ value: null, trouble: null });
  useEffect(() => {
    let current = true;
    asked.value = { value: null, trouble: null };
    const stop = poll(everyMs, async () => {
      const token = operator.peek()?.token;
      if (!token) return;
      const next = await once(token, read, asked.peek());
      if (current) asked.value = next;
    });
    return () => {
      current = false;
      stop();
    };
  }, [key]);
  return asked;
}

async function once<T>(token: string, read: (token: string) => Promise<T>, before: Asked<T>): Promise<Asked<T>> {
  try {
    const value = await read(token);
    heard();
    return { value, trouble: null };
  } catch (thrown) {
    const trouble = suffer(thrown);
    // What is not there any more must not be shown as if it were.
    return { value: trouble.kind === 'missing' || trouble.kind === 'forbidden' ? null : before.value, trouble };
  }
}
