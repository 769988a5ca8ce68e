// The place that the address says, followed.

import { signal } from '@preact/signals';
import { type Place, placeOf } from '../model/place.js';

/** Where one is. */
export const place = signal<Place>(placeOf(globalThis.location?.hash ?? ''));

/** Follows the address from now on. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    place.value = placeOf(location.hash);
  });
}
