// The address by which calendar programs subscribe to a room without signing in.

import { post } from './api.js';

/** The service answers one address for each person and room. */
interface Link { readonly url: string }

/** Makes the address, or answers the one that is there; it is complete, host and all. */
export async function calendarLink(token: string, room: string): Promise<string> {
  const { url } = await post<Link>(`rooms/${room}/calendar-link`, token, {});
  return new URL(url, document.baseURI).href;
}
