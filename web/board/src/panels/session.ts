// Who is signed in, kept for this tab only, so that two tabs can be two people.

import { personColor } from '../app/color.js';
import { demoPeople } from './api.js';

const KEY = 'kyo.session';

/** A signed-in person. */
export interface Session {
  token: string;
  readonly userId: string;
  readonly name: string;
  /** Tenant-wide: `owner`, `manager`, `trainer`, `member` or `service`. */
  readonly role: string;
  readonly color: string;
  /** Whether it is a demo person, whose token can be had again. */
  readonly demo: boolean;
}

/** The claims of a token that the board shows. */
export interface Claims { readonly sub?: string; readonly name?: string; readonly role?: string }

/** The claims of a token, for showing only: the service is what checks them. */
export function claimsOf(token: string): Claims {
  try {
    const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(body), (letter) => letter.codePointAt(0) ?? 0);
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    return {};
  }
}

/** Who was signed in when this tab was loaded last. */
export function remembered(): Session | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Session | null;
  } catch {
    return null;
  }
}

/** Signs in a demo person or the owner of a pasted token. */
export function signIn({ token, name, role, demo = false }: { token: string; name?: string; role?: string; demo?: boolean }): Session {
  const claims = claimsOf(token);
  const session = {
    token, demo, color: personColor(claims.sub ?? ''), userId: claims.sub ?? '',
    name: name ?? claims.name ?? claims.sub ?? '?', role: role ?? claims.role ?? '',
  };
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}

/** Forgets the person. */
export function signOut(): void {
  sessionStorage.removeItem(KEY);
}

/** A fresh token for a demo person; null where only a person can bring one. */
export async function renewed(session: Session): Promise<string | null> {
  if (!session.demo) return null;
  const person = (await demoPeople())?.find(({ name }) => name === session.name);
  if (!person) return null;
  session.token = signIn({ ...person, demo: true }).token;
  return session.token;
}
