// REST calls (protocol, section 9). Addresses are relative to the page, so a path prefix in front of
// the service keeps working.

import { type Code, ServiceError, type wire } from '@kyo/collaboration-client';

export { ServiceError };

/** A list, a page at a time. */
export interface Page<T> { readonly items: T[]; readonly nextCursor: string | null }

/** A room as the list shows it. */
export interface RoomView {
  readonly room: string;
  readonly name: string;
  readonly timezone: string;
  readonly seq: number;
  readonly role: wire.RoleName;
  readonly createdAt: string;
}

/** Somebody to be on a development server. */
export interface DemoPerson { readonly userId: string; readonly name: string; readonly role: string; readonly token: string }

interface Call { token?: string; method?: string; body?: BodyInit | null; type?: string; accept?: string }

const base = () => new URL('api/collaboration/v1/', document.baseURI);

/** Where the socket is. */
export function socketAddress(): string {
  const address = new URL('../ws', base());
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

/** One call; rejects with a `ServiceError` that says what the service said. */
export async function call(path: string, { token, method = 'GET', body = null, type, accept = 'application/json' }: Call = {}): Promise<Response> {
  const headers = new Headers({ accept });
  if (token) headers.set('authorization', `Bearer ${token}`);
  if (type) headers.set('content-type', type);
  const response = await fetch(new URL(path, base()), { method, headers, body, cache: 'no-store' });
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<ServiceError> {
  const reply = await response.json().catch(() => null) as { error?: { code: Code; message: string; details?: unknown } } | null;
  return new ServiceError(reply?.error ?? {
    code: response.status === 404 ? 'not_found' : 'unavailable', message: `The service answered ${response.status}.`,
  });
}

async function read<T>(path: string, options: Call = {}): Promise<T> {
  return await (await call(path, options)).json() as T;
}

/** Sends a JSON body and reads a JSON answer. */
export function post<T>(path: string, token: string, body: unknown): Promise<T> {
  return read<T>(path, { token, method: 'POST', body: JSON.stringify(body), type: 'application/json' });
}

/** Demo people of a development server, or null where there are none. Operators have the console. */
export async function demoPeople(): Promise<DemoPerson[] | null> {
  try {
    const { items } = await read<Page<DemoPerson>>('demo/people');
    return items.filter(({ role }) => role !== 'operator');
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not_found') return null;
    throw error;
  }
}

/** A page of the rooms that the person may see. */
export function listRooms(token: string, cursor: string | null): Promise<Page<RoomView>> {
  const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
  return read<Page<RoomView>>(`rooms?${query}`, { token });
}

/** Makes a room; answers its record. */
export function createRoom(token: string, name: string, timezone: string): Promise<RoomView> {
  return post<RoomView>('rooms', token, { name, timezone });
}

/** The timetable as an iCalendar file. */
export async function calendarFile(token: string, room: string): Promise<Blob> {
  return (await call(`rooms/${room}/calendar.ics`, { token, accept: 'text/calendar' })).blob();
}
