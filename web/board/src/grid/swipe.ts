// A finger that goes sideways over the grid turns the page.

import { listen } from '../app/dom.js';

const FAR = 56;
const SLOW_MS = 600;

/** See the module's comment. */
export class Swipe {
  #began: { x: number; y: number; at: number } | null = null;
  #stops: (() => void)[];

  constructor(element: HTMLElement, allowed: () => boolean, turn: (direction: -1 | 1) => void) {
    this.#stops = [
      listen<TouchEvent>(element, 'touchstart', ({ touches }) => {
        const touch = touches.length === 1 ? touches[0] : undefined;
        this.#began = touch ? { x: touch.clientX, y: touch.clientY, at: performance.now() } : null;
      }, { passive: true }),
      listen<TouchEvent>(element, 'touchend', ({ changedTouches }) => {
        const direction = changedTouches[0] && allowed() ? this.#direction(changedTouches[0]) : 0;
        this.#began = null;
        if (direction !== 0) turn(direction);
      }),
      listen(element, 'touchcancel', () => {
        this.#began = null;
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #direction({ clientX, clientY }: { clientX: number; clientY: number }): -1 | 0 | 1 {
    const began = this.#began;
    if (!began || performance.now() - began.at > SLOW_MS) return 0;
    const [dx, dy] = [clientX - began.x, clientY - began.y];
    if (Math.abs(dx) < FAR || Math.abs(dx) < 2 * Math.abs(dy)) return 0;
    return dx < 0 ? 1 : -1;
  }
}
