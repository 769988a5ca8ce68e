// Asks again and again, never twice at once, and not while nobody looks.

/** Runs `ask` now and `everyMs` after each end of it, until the returned function is called. */
export function poll(everyMs: number, ask: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let busy = false;
  const turn = async () => {
    if (stopped || busy) return;
    clearTimeout(timer);
    busy = true;
    await ask();
    busy = false;
    if (!stopped && !document.hidden) timer = setTimeout(() => void turn(), everyMs);
  };
  const look = () => void (document.hidden || turn());
  document.addEventListener('visibilitychange', look);
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
