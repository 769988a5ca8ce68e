// What the grid shows, gathered from the room, the people in it and the panel.

import type { Room, Timetable, wire } from '@kyo/collaboration-client';
import type { Colleague, Marked, Model } from '../grid/model.js';
import type { View } from '../grid/view.js';
import { FALLBACK } from '../panels/avatar.js';
import type { People } from '../panels/people.js';
import { sketched } from './sketch.js';

/** Where the scene comes from. */
export interface Sources {
  room: Room;
  people: People;
  timetable: Timetable;
  view: View;
  zone: string;
  narrow: boolean;
  editable: boolean;
  /** The course in the panel, and what saving it would do. */
  panel: { courseId: string | null; op: wire.Operation | null };
}

/** Everything that is on the grid. */
export function sceneOf({ room, people, timetable, view, zone, narrow, editable, panel }: Sources): Model {
  return {
    timetable, courses: sketched(timetable.courses, panel.op), view, zone, narrow, editable,
    unsaved: room.unsaved, selected: panel.courseId, draft: panel.op ? panel.courseId : null,
    watchers: people.selections(), marked: people.others.flatMap(markedBy), holderOf: (id) => holderOf(room, people, id),
  };
}

function markedBy(by: wire.Participant): Marked[] {
  const { startTime, endTime } = by.selection ?? {};
  return startTime && endTime ? [{ by, startsAt: startTime, endsAt: endTime }] : [];
}

/** Who has a course in hand; somebody whom we don't see here is known by name at least. */
function holderOf(room: Room, people: People, courseId: string): Colleague | null {
  const lock = room.locks.against(courseId);
  if (!lock) return null;
  const { sessionId, userId } = lock;
  return room.participants.get(sessionId) ?? { sessionId, userId, name: people.nameOf(userId), color: FALLBACK, state: 'active' };
}
