// What keys do on the board. Pure: an event's facts in, an intent out.

import type { Direction } from '../grid/focus.js';

/** What somebody wants by a key. */
export type Intent =
  | { do: 'focus'; to: Direction }
  | { do: 'move'; quarters: number; columns: -1 | 0 | 1 }
  | { do: 'resize'; quarters: number }
  | { do: 'open' | 'remove' }
  | { do: 'act'; name: Act };

/** What the bar's buttons and single letters do. */
export type Act =
  | 'previous' | 'next' | 'today' | 'undo' | 'redo' | 'history' | 'new' | 'rooms' | 'keys'
  | 'week' | 'studio' | 'trainer' | 'close' | 'people' | 'templates' | 'past' | 'import' | 'calendar' | 'settings';

/** The facts of a key event. */
export interface Pressed {
  key: string;
  altKey: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  /** Whether a card has the focus. */
  onCard: boolean;
  editable: boolean;
}

const LETTERS: Readonly<Record<string, Act>> = {
  t: 'today', n: 'next', p: 'previous', h: 'history', c: 'new', w: 'week', s: 'studio', r: 'trainer', '?': 'keys',
};
const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', Home: 'first', End: 'last',
};

/** The intent of a key, or null when it is none of ours. */
export function intentOf(pressed: Pressed): Intent | null {
  const { key, altKey, shiftKey, onCard } = pressed;
  const command = pressed.ctrlKey || pressed.metaKey;
  const letter = key.toLowerCase();
  if (command) return letter === 'z' || letter === 'y' ? act(letter === 'y' || shiftKey ? 'redo' : 'undo') : null;
  if (key === 'Escape') return act('close');
  const onIt = onCard ? cardIntent(pressed) : null;
  if (onIt || altKey) return onIt;
  const name = LETTERS[letter];
  return name ? act(name) : null;
}

function act(name: Act): Intent {
  return { do: 'act', name };
}

function cardIntent({ key, altKey, shiftKey, editable }: Pressed): Intent | null {
  if (key === 'Enter' || key === ' ') return { do: 'open' };
  const arrow = ARROWS[key];
  if (arrow && !altKey) return { do: 'focus', to: arrow };
  if (!editable) return null;
  if (key === 'Delete' || key === 'Backspace') return { do: 'remove' };
  if (!arrow) return null;
  return shiftKey ? resize(arrow) : move(arrow);
}

function resize(arrow: Direction): Intent | null {
  if (arrow === 'up') return { do: 'resize', quarters: -1 };
  return arrow === 'down' ? { do: 'resize', quarters: 1 } : null;
}

function move(arrow: Direction): Intent | null {
  switch (arrow) {
    case 'up': return { do: 'move', quarters: -1, columns: 0 };
    case 'down': return { do: 'move', quarters: 1, columns: 0 };
    case 'left': return { do: 'move', quarters: 0, columns: -1 };
    case 'right': return { do: 'move', quarters: 0, columns: 1 };
    default: return null;
  }
}
