// The panels of the board in real browsers, against a running development service: sign-in, the list of
// timetables, templates, history and time travel, unsent changes, the calendar, language and theme; and
// axe on each of them. BOARD_URL says where. Pictures go to test-output/.

import { play } from './stage.mjs';
import { doors } from './steps/doors.mjs';
import { past } from './steps/history.mjs';
import { settings } from './steps/settings.mjs';
import { templates } from './steps/templates.mjs';
import { unsent } from './steps/unsent.mjs';

process.exit(await play([...doors, ...templates, ...past, ...unsent, ...settings]));
