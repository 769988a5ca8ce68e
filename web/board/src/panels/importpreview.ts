// What the service makes of a file: the preview of an import. Changes nothing.

import type { wire } from '@kyo/collaboration-client';
import { post } from './api.js';

/** A course that the file holds. */
export interface Found {
  /** Row of the file, as a spreadsheet counts; of a calendar, the n-th event. */
  readonly line: number;
  readonly course: wire.NewCourse;
  /** It is in the room already. */
  readonly exists: boolean;
}

/** A row that can't become a class. */
export interface Problem { readonly line: number; readonly field: string | null; readonly message: string }

/** See the module's comment. */
export interface Preview {
  readonly columns: readonly string[];
  /** The first rows. */
  readonly sample: readonly (readonly string[])[];
  /** Where each field comes from: texts with column names in braces. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Fields that every course needs and nothing fills. */
  readonly missing: readonly string[];
  readonly courses: readonly Found[];
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** What is to be sent, in this order. */
  readonly ops: readonly { readonly op: wire.Operation }[];
}

/** Fields that a file can fill, in the order in which they are offered. */
export const FIELDS = ['title', 'start', 'end', 'trainer', 'studio', 'capacity', 'color', 'notes', 'tags'] as const;

/** Whether a file is a calendar; everything else is read as a table. */
export function isCalendar({ name, type }: { name: string; type: string }): boolean {
  return type === 'text/calendar' || name.toLowerCase().endsWith('.ics');
}

/** Asks for the preview of a file. Fields that `mapping` leaves out are guessed. */
export async function previewOf(token: string, room: string, file: File, mapping: Readonly<Record<string, string>>): Promise<Preview> {
  const given = Object.fromEntries(Object.entries(mapping).filter(([, template]) => template.trim() !== ''));
  const format = isCalendar(file) ? 'ics' : 'csv';
  return post<Preview>(`rooms/${room}/import`, token, { format, text: await file.text(), mapping: given });
}

/** Single operations, whatever batches they come in. */
export function operationsOf({ ops }: Pick<Preview, 'ops'>): wire.Operation[] {
  return ops.flatMap(({ op }) => op.kind === 'batch' ? op.ops : [op]);
}
