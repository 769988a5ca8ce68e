// Small choices that this browser keeps. A browser that keeps nothing is no fault.

/** What was kept under a key, or null. */
export function kept(key: string): string | null {
  try {
    return globalThis.localStorage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

/** Keeps a choice. */
export function keep(key: string, value: string): void {
  try {
    globalThis.localStorage?.setItem(key, value);
  } catch {
    // Private windows may refuse: then the choice lasts as long as the page.
  }
}
