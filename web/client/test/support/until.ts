// Waiting for what must come, with generous patience: a slow machine is no failure.

const PATIENCE_MS = 60_000;

/** Asks again and again until the answer is truthy; answers it. */
export async function until<T>(what: string, ask: () => T | Promise<T>, patienceMs = PATIENCE_MS): Promise<NonNullable<T>> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`still waiting after ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
