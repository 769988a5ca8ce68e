// The page's address: `#/room/<id>/<date>/<lens>/<only>`, of which all but the room may be left out.
// Pure.

import type { Lens, View } from '../grid/view.js';
import { dateText, parseDate } from './time.js';

/** What an address names. */
export interface Place {
  room: string;
  /** Null for today. */
  day: number | null;
  lens: Lens | null;
  only: string;
}

const LENSES: readonly string[] = ['week', 'studio', 'trainer'];

/** The place that an address names, or null when it names no room. */
export function placeOf(hash: string): Place | null {
  const [, kind, room, date, lens, only] = hash.split('/');
  if (kind !== 'room' || !room) return null;
  return {
    room, day: parseDate(date), lens: lens && LENSES.includes(lens) ? (lens as Lens) : null, only: decoded(only),
  };
}

/** The address of a view of a room. */
export function addressOf(room: string, { day, lens, only }: View): string {
  const tail = only ? `/${lens}/${encodeURIComponent(only)}` : lens === 'week' ? '' : `/${lens}`;
  return `#/room/${room}/${dateText(day)}${tail}`;
}

function decoded(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '');
  } catch {
    return '';
  }
}
