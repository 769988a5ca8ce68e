// The smallest useful helpers for building elements. Text is always text, never markup.

/** What may be put into an element; `false`, null and undefined are left out. */
export type Child = Node | string | number | false | null | undefined | readonly Child[];

/** Makes an element: properties by name, `class`, `data-*`, `aria-*`, `--*` and `on*` understood. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, properties: Readonly<Record<string, unknown>> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) give(element, name, value);
  append(element, children);
  return element;
}

function give(element: HTMLElement, name: string, value: unknown): void {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener);
  else if (name.startsWith('--')) element.style.setProperty(name, String(value));
  else if (name in element && !name.includes('-') && name !== 'list') Object.assign(element, { [name]: value });
  else element.setAttribute(name, value === true ? '' : String(value));
}

function append(element: HTMLElement, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child as Node | string);
  }
}

/** The element of the page that has this id; it is the page's fault when there is none. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Says something to screen readers. */
export function announce(text: string): void {
  byId('announcer').textContent = text;
}

/** Runs `draw` at most once a frame, however often it is asked for. */
export function oncePerFrame(draw: () => void): () => void {
  let planned = 0;
  return () => {
    planned ||= requestAnimationFrame(() => {
      planned = 0;
      draw();
    });
  };
}

/** Listens until the returned function is called. */
export function listen<E extends Event = Event>(
  target: EventTarget, name: string, listener: (event: E) => void, options?: AddEventListenerOptions,
): () => void {
  target.addEventListener(name, listener as EventListener, options);
  return () => target.removeEventListener(name, listener as EventListener, options);
}
