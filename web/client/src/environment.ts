// What a browser tells of its network and of being looked at. In Node nothing is told.

/** What is heard. */
export interface Surroundings {
  /** The network is back, or somebody looks at the page again: a good moment to try. */
  awake(): void;
  /** The network is gone. */
  offline(): void;
}

interface Listening {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

/** Listens until the returned function is called. */
export function watchSurroundings(heard: Surroundings): () => void {
  const page = (globalThis as { document?: Listening & { visibilityState: string } }).document;
  const world = globalThis as unknown as Partial<Listening>;
  if (!page || !world.addEventListener) return () => {};
  const seen = () => page.visibilityState === 'visible' && heard.awake();
  const pairs: [Listening, string, () => void][] = [
    [world as Listening, 'online', heard.awake],
    [world as Listening, 'offline', heard.offline],
    [page, 'visibilitychange', seen],
  ];
  for (const [target, name, listener] of pairs) target.addEventListener(name, listener);
  return () => {
    for (const [target, name, listener] of pairs) target.removeEventListener(name, listener);
  };
}

/** Whether there may be a network; true when nobody knows. */
export function hasNetwork(): boolean {
  return (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine !== false;
}
