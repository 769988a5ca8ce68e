// The courses as they would stand if an operation that is still being made was taken. A picture for
// the eye only: it also shows what will be refused. Pure.

import type { wire } from '@kyo/collaboration-client';

type Courses = ReadonlyMap<string, wire.Course>;

/** The courses with one operation drawn over them. */
export function sketched(courses: Courses, op: wire.Operation | null): Courses {
  if (!op) return courses;
  const drawn = new Map(courses);
  draw(drawn, op);
  return drawn;
}

function draw(courses: Map<string, wire.Course>, op: wire.Operation): void {
  switch (op.kind) {
    case 'batch': for (const inner of op.ops) draw(courses, inner); break;
    case 'course_create': if (op.course.id) courses.set(op.course.id, fresh(op.course.id, op.course)); break;
    case 'course_update': change(courses, op.courseId, op.patch); break;
    case 'course_move': change(courses, op.courseId, place(op)); break;
    default: break;
  }
}

function fresh(id: string, course: wire.NewCourse): wire.Course {
  return { ...course, id, tags: course.tags ?? [], version: 0, createdBy: '', updatedBy: '', updatedAt: course.startsAt };
}

function change(courses: Map<string, wire.Course>, id: string, fields: wire.CoursePatch | Partial<wire.Course>): void {
  const before = courses.get(id);
  if (before) courses.set(id, { ...before, ...fields, tags: fields.tags ?? before.tags });
}

function place({ startsAt, endsAt, trainerId, studioId }: wire.CourseMove): Partial<wire.Course> {
  return {
    startsAt, ...(endsAt && { endsAt }),
    ...(trainerId !== undefined && { trainerId }), ...(studioId !== undefined && { studioId }),
  };
}
