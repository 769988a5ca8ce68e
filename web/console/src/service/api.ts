// Requests to the operator API. Addresses are relative to the page, so a path prefix in front of the
// service keeps working. Knows no state; whoever calls brings the token.

import type { AuditEntry, LogFilter, Overview, RoomDetail, RoomFacts, SessionFacts } from './facts.js';
import { Trouble, troubleOf } from './trouble.js';

/** Answers later than this count as none: a console that waits shows nothing. */
const PATIENCE_MS = 5000;
/** Pages of a list that are fetched at most. */
const PAGES = 4;
const PAGE = 500;

/** A list, and whether there was more than is fetched. */
export interface Listing<T> { readonly items: readonly T[]; readonly more: boolean }

interface Page<T> { readonly items: T[]; readonly nextCursor: string | null }
interface Call { readonly method?: string; readonly body?: unknown; readonly accept?: string; readonly signal?: AbortSignal }

const base = () => new URL('api/collaboration/v1/', document.baseURI);

/** One request; rejects with `Trouble` that says what the service said. */
export async function call(token: string, path: string, { method = 'GET', body, accept = 'application/json', signal }: Call = {}): Promise<Response> {
  const headers = new Headers({ accept });
  if (token) headers.set('authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(new URL(path, base()), {
    method, headers, cache: 'no-store', body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw troubleOf(response.status, await response.json().catch(() => null));
  return response;
}

async function read<T>(token: string, path: string, options?: Call): Promise<T> {
  return await (await call(token, `operator/${path}`, options)).json() as T;
}

async function list<T>(token: string, path: string, query: Readonly<Record<string, string>>): Promise<Listing<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page += 1) {
    const asked: URLSearchParams = new URLSearchParams({ ...query, limit: String(PAGE), ...(cursor && { cursor }) });
    const got: Page<T> = await read<Page<T>>(token, `${path}?${asked}`);
    items.push(...got.items);
    cursor = got.nextCursor;
    if (!cursor) break;
  }
  return { items, more: cursor !== null };
}

/** Numbers of now. */
export const overview = (token: string) => read<Overview>(token, 'overview');
/** Rooms in memory. */
export const rooms = (token: string) => list<RoomFacts>(token, 'rooms', {});
/** One room. */
export const room = (token: string, id: string) => read<RoomDetail>(token, `rooms/${encodeURIComponent(id)}`);
/** Connections, of one person where `user` is given. */
export const sessions = (token: string, user: string) => list<SessionFacts>(token, 'sessions', user ? { user } : {});
/** Ends a connection. */
export const disconnect = (token: string, sessionId: string, reason: string, reconnect: boolean) =>
  read<unknown>(token, `sessions/${encodeURIComponent(sessionId)}/disconnect`, { method: 'POST', body: { reason, reconnect } });
/** What is logged. */
export const logFilter = (token: string) => read<LogFilter>(token, 'log-filter');
/** Changes what is logged, for so many minutes or until the process ends. */
export const setLogFilter = (token: string, filter: string, forMinutes: number | null, reason: string) =>
  read<LogFilter>(token, 'log-filter', { method: 'PUT', body: { filter, reason, ...(forMinutes !== null && { forMinutes }) } });
/** Drains the replica that answers. */
export const drain = (token: string, reason: string) =>
  read<{ node: string; deadlineMs: number }>(token, 'drain', { method: 'POST', body: { reason } });
/** A page of the audit, older than an entry where one is given. */
export const audit = (token: string, before: number | null) =>
  read<{ items: AuditEntry[]; nextBefore: number | null }>(token, `audit?limit=100${before === null ? '' : `&before=${before}`}`);

/** Tokens of demo operators; none where the service is no development service. */
export async function demoOperators(): Promise<readonly { userId: string; name: string; token: string }[]> {
  try {
    const people = await (await call('', 'demo/people')).json() as Page<{ userId: string; name: string; role: string; token: string }>;
    return people.items.filter(({ role }) => role === 'operator');
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'missing') return [];
    throw error;
  }
}
