// The panels of the board in real browsers, against a running development service: sign-in, the list of
// timetables, templates, history and time travel, unsent changes, the calendar, language and theme, import; and
// axe on each of them. BOARD_URL says where. Pictures go to test-output/.

import { play } from './stage.mjs';
import { doors } from './steps/doors.mjs';
import { imports } from './steps/import.mjs';
import { past } from './steps/history.mjs';
import { settings } from './steps/settings.mjs';
import { templates } from './steps/templates.mjs';
import { unsent } from './steps/unsent.mjs';

const all = [...doors, ...templates, ...past, ...unsent, ...settings, ...imports];
const wanted = process.argv[2]; // a step's name, or its beginning: only the steps from there on are played
const from = wanted ? all.findIndex(({ name }) => name.startsWith(wanted)) : 0;

process.exit(await play(all.slice(from)));
