// The address by which calendar programs subscribe to a room without signing in.

import { call, post } from './api.js';

/** A person has one a room; the service answers the same one each time. */
export interface Link { readonly url: string; readonly webcalUrl: string }

/** Makes the address, or answers the one that is there. */
export function calendarLink(token: string, room: string): Promise<Link> {
  return post<Link>(`rooms/${room}/calendar-link`, token, {});
}

/** Ends it: programs that know the address read nothing any more. */
export async function endCalendarLink(token: string, room: string): Promise<void> {
  await call(`rooms/${room}/calendar-link`, { token, method: 'DELETE' });
}
