// Where in the console one is, as the address says it. Pure.

/** A page and what it is about: a room's id, or who is searched for. */
export interface Place { readonly page: PageName; readonly id: string; readonly query: URLSearchParams }

/** The pages. */
export const PAGES = ['overview', 'rooms', 'sessions', 'follow', 'process', 'audit'] as const;

/** One of them. */
export type PageName = (typeof PAGES)[number];

/** The place of an address' fragment; what is not known is the overview. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name = '', id = ''] = path.split('/');
  const page = PAGES.find((known) => known === name) ?? 'overview';
  return { page, id: decoded(id), query: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a room. */
export const roomAddress = (room: string) => `#/rooms/${encodeURIComponent(room)}`;
/** The address of a person's connections. */
export const userAddress = (user: string) => `#/sessions?${new URLSearchParams({ user })}`;
