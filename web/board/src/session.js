// Who is signed in, kept for this tab only, so that two tabs can be two people.

import { demoPeople } from './api.js';
import { personColor } from './app/color.js';

const KEY = 'kyo.session';

/** The claims of a token, for showing only: the service is what checks them. */
export function claimsOf(token) {
  try {
    const text = atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.codePointAt(0))));
  } catch {
    return {};
  }
}

export function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** Signs in a demo person or the owner of a pasted token. */
export function signIn({ token, name, role, color, demo = false }) {
  const claims = claimsOf(token);
  const session = {
    token, demo, color: color ?? personColor(claims.sub ?? ''), userId: claims.sub ?? '',
    name: name ?? claims.name ?? claims.sub ?? 'You', role: role ?? claims.role ?? '',
  };
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}

export function signOut() {
  sessionStorage.removeItem(KEY);
}

/** A fresh token for a demo person; null where only a person can bring one. */
export async function renewed(session) {
  if (!session.demo) return null;
  const person = (await demoPeople())?.find(({ name }) => name === session.name);
  if (!person) return null;
  session.token = signIn({ ...person, demo: true }).token;
  return session.token;
}
