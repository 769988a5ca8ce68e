// REST calls (protocol, section 9). Addresses are relative to the page, so a path prefix in front of
// the service keeps working.

const BASE = new URL('api/collaboration/v1/', document.baseURI);

/** A refusal of the service, from REST or from the socket. */
export class ServiceError extends Error {
  constructor({ code, message, retryable = false, retryAfterMs, details }) {
    super(message || code);
    this.name = 'ServiceError';
    Object.assign(this, { code, retryable, retryAfterMs, details });
  }
}

/** Where the socket is. */
export function socketAddress() {
  const address = new URL('../ws', BASE);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

async function call(path, { token, method = 'GET', body } = {}) {
  const headers = { accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers['content-type'] = 'application/json';
  const response = await fetch(new URL(path, BASE), {
    method, headers, body: body && JSON.stringify(body), cache: 'no-store',
  });
  const reply = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ServiceError(reply?.error ?? {
      code: response.status === 404 ? 'not_found' : 'unavailable',
      message: `The service answered ${response.status}.`,
    });
  }
  return reply;
}

/** Demo people of a development server, or null where there are none. */
export async function demoPeople() {
  try {
    return (await call('demo/people')).items;
  } catch (error) {
    if (error.code === 'not_found') return null;
    throw error;
  }
}

/** Every room that the person may see. */
export async function listRooms(token) {
  const rooms = [];
  let cursor = null;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
    const page = await call(`rooms?${query}`, { token });
    rooms.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && rooms.length < 2000);
  return rooms;
}

/** Makes a room; answers its record. */
export function createRoom(token, name, timezone) {
  return call('rooms', { token, method: 'POST', body: { name, timezone } });
}
