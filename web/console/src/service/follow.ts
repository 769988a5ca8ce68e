// The live stream of a room or a person. `EventSource` can't send a token, so the body of a request is read.

import { call } from './api.js';
import { EventReader, type StreamEvent } from './eventstream.js';

/** Silence after which the stream is dead: the service says something every 15 s. */
const SILENCE_MS = 45_000;

/** Whom to follow. */
export interface Target { readonly kind: 'room' | 'user'; readonly id: string }

/** Follows until the stream ends, falls silent, or `signal` aborts; rejects with `Trouble` when it may not, or breaks. */
export async function follow(token: string, target: Target, signal: AbortSignal, see: (event: StreamEvent) => void): Promise<void> {
  const query = new URLSearchParams({ [target.kind]: target.id });
  const response = await call(token, `operator/follow?${query}`, { accept: 'text/event-stream', signal });
  if (!response.body) return;
  const events = new EventReader();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const silence = setTimeout(() => void reader.cancel(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    for (const event of events.feed(value)) see(event);
  }
}
