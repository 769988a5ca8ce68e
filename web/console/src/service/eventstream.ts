// Server-sent events of a text stream, as the standard reads them. Pure: text in, events out.

/** One event. */
export interface StreamEvent { readonly name: string; readonly data: string }

/** Longest text that may wait for its end: an event beyond it is a fault. */
const MAX_PENDING = 1_000_000;

/** Cuts a stream into events, however its pieces fall. Comments are dropped. */
export class EventReader {
  #pending = '';

  /** Events that are complete with this piece. */
  feed(piece: string): StreamEvent[] {
    const blocks = (this.#pending + piece).replaceAll('\r\n', '\n').split('\n\n');
    this.#pending = blocks.pop() ?? '';
    if (this.#pending.length > MAX_PENDING) throw new Error('an event without an end');
    return blocks.flatMap((block) => eventOf(block) ?? []);
  }
}

function eventOf(block: string): StreamEvent | null {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const cut = line.indexOf(':');
    const field = cut < 0 ? line : line.slice(0, cut);
    const value = cut < 0 ? '' : line.slice(cut + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
  }
  return data.length > 0 ? { name, data: data.join('\n') } : null;
}
