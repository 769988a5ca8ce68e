// People edit timetables in real browsers, against a running development service.
// BOARD_URL says where (http://127.0.0.1:3001/ when absent). Pictures go to test-output/.

import { play } from './stage.mjs';
import { begin } from './steps/begin.mjs';
import { conflicts } from './steps/conflicts.mjs';
import { editing } from './steps/editing.mjs';
import { keyboard } from './steps/keyboard.mjs';
import { outages } from './steps/outages.mjs';
import { people } from './steps/people.mjs';
import { phone } from './steps/phone.mjs';
import { views } from './steps/views.mjs';

process.exit(await play([...begin, ...conflicts, ...editing, ...people, ...outages, ...views, ...keyboard, ...phone]));
