// Who is signed in, kept for this tab only. The claims are for showing: the service checks tokens.

import { signal } from '@preact/signals';

const KEY = 'kyo.operator';

/** A signed-in operator. */
export interface Operator { readonly token: string; readonly name: string; readonly tenant: string; readonly role: string; readonly until: number | null }

/** Why one is at the door again; empty when nothing happened. */
export type DoorReason = '' | 'expired' | 'forbidden' | 'unreachable' | 'not_token' | 'refused';

/** The operator of this tab. */
export const operator = signal<Operator | null>(remembered());
/** Why the door is shown, and the service's own words. */
export const door = signal<{ readonly reason: DoorReason; readonly said: string; readonly role: string }>({ reason: '', said: '', role: '' });

/** What a token says of its owner; null when it is none. */
export function readToken(token: string): Operator | null {
  try {
    const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(body), (letter) => letter.codePointAt(0) ?? 0);
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (typeof claims.sub !== 'string') return null;
    const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : '');
    const until = typeof claims.exp === 'number' ? claims.exp * 1000 : null;
    return { token, name: text('name') || claims.sub, tenant: text('tenant_id'), role: text('role'), until };
  } catch {
    return null;
  }
}

function remembered(): Operator | null {
  try {
    return readToken(globalThis.sessionStorage?.getItem(KEY) ?? '');
  } catch {
    return null;
  }
}

/** Lets an operator in. */
export function signIn(who: Operator): void {
  sessionStorage.setItem(KEY, who.token);
  door.value = { reason: '', said: '', role: '' };
  operator.value = who;
}

/** Back to the door, with the reason. */
export function signOut(reason: DoorReason = '', said = ''): void {
  const role = operator.peek()?.role ?? '';
  sessionStorage.removeItem(KEY);
  operator.value = null;
  door.value = { reason, said, role };
}
