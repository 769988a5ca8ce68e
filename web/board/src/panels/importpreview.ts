// What the service makes of a file: the preview of an import (protocol, section 9). Changes nothing.

import type { wire } from '@kyo/collaboration-client';
import { call } from './api.js';

/** A line of the file that can't become a class. */
export interface Refused { readonly row: number; readonly reason: string }

/** See the module's comment. */
export interface Preview {
  /** What the file's columns are called; properties, for a calendar. */
  readonly columns: readonly string[];
  /** Where each field comes from: texts with column names in braces. */
  readonly mapping: Readonly<Record<string, string>>;
  /** What would be sent, trainers and studios first. */
  readonly operations: readonly wire.Operation[];
  readonly refused: readonly Refused[];
}

/** Fields that a file can fill, in the order in which they are offered. */
export const FIELDS = ['title', 'start', 'end', 'trainer', 'studio', 'capacity', 'color', 'notes', 'tags'] as const;

/** Whether a file is a calendar; everything else is read as a table. */
export function isCalendar({ name, type }: { name: string; type: string }): boolean {
  return type === 'text/calendar' || name.toLowerCase().endsWith('.ics');
}

/** Asks for the preview of a file. Fields that `mapping` leaves out are guessed. */
export async function previewOf(token: string, room: string, file: File, mapping: Readonly<Record<string, string>>): Promise<Preview> {
  const query = new URLSearchParams();
  for (const [field, template] of Object.entries(mapping)) if (template) query.append('map', `${field}=${template}`);
  const type = isCalendar(file) ? 'text/calendar' : 'text/csv';
  const response = await call(`rooms/${room}/import?${query}`, { token, method: 'POST', body: file, type });
  return await response.json() as Preview;
}
