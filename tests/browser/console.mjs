// The operators' console in real browsers, against a service of its own with two people on a board.
// BIN names another binary. Pictures go to test-output/.

import { play } from './stage.mjs';
import { acting } from './steps/console-acting.mjs';
import { looking } from './steps/console-looking.mjs';
import { refusing } from './steps/console-refusing.mjs';

process.exit(await play([...looking, ...acting, ...refusing]));
