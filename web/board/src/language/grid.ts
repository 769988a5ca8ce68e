// Texts of the week, its cards, gestures, the editor and refusals.

import type { Translation } from './message.js';

/** English. */
export const en = {
  'bar.rooms': 'All timetables', 'bar.previous': 'Previous week', 'bar.next': 'Next week', 'bar.today': 'Today',
} as const;

/** Traditional Chinese. */
export const zhHant: Translation<typeof en> = {
  'bar.rooms': '所有課表', 'bar.previous': '上一週', 'bar.next': '下一週', 'bar.today': '今天',
};
