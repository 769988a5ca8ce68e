// What the grid is told to draw.

import type { Timetable, wire } from '@kyo/collaboration-client';
import type { View } from './view.js';

/** Somebody else at work here. */
export type Colleague = Pick<wire.Participant, 'sessionId' | 'userId' | 'name' | 'color' | 'state'>;

/** A stretch of time that a colleague has marked. */
export interface Marked {
  by: Colleague;
  startsAt: string;
  endsAt: string;
}

/** Everything that is on the grid. */
export interface Model {
  /** Trainers, studios and what clashes. */
  timetable: Timetable;
  /** The courses to draw: the timetable's, with what the panel's form makes of one. */
  courses: ReadonlyMap<string, wire.Course>;
  view: View;
  zone: string;
  narrow: boolean;
  editable: boolean;
  /** Courses whose change is not committed yet. */
  unsaved: ReadonlySet<string>;
  /** The course in the panel. */
  selected: string | null;
  /** The course that is drawn as the panel's form has it. */
  draft: string | null;
  /** Who looks at a course. */
  watchers: ReadonlyMap<string, readonly Colleague[]>;
  marked: readonly Marked[];
  /** Who has a course in hand. */
  holderOf(courseId: string): Colleague | null;
}
