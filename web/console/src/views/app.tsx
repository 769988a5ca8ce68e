// The door, or the page that the address names within the frame.

import type { VNode } from 'preact';
import type { PageName, Place } from '../model/place.js';
import { place } from '../state/place.js';
import { operator } from '../state/session.js';
import { AskHost } from './ask.js';
import { Audit } from './audit.js';
import { Door } from './door.js';
import { Follow } from './follow.js';
import { Frame } from './frame.js';
import { OverviewPage } from './overview.js';
import { Process } from './process.js';
import { RoomPage } from './room.js';
import { Rooms } from './rooms.js';
import { Sessions } from './sessions.js';

const PAGES: Record<PageName, (where: Place) => VNode> = {
  overview: () => <OverviewPage />,
  rooms: ({ id }) => (id ? <RoomPage key={id} id={id} /> : <Rooms />),
  sessions: ({ query }) => <Sessions key={query.get('user') ?? ''} user={query.get('user') ?? ''} />,
  follow: ({ query }) => <Follow room={query.get('room')} user={query.get('user')} />,
  process: () => <Process />,
  audit: () => <Audit />,
};

/** Everything that is seen. */
export function App() {
  if (!operator.value) return <Door />;
  return (
    <>
      <Frame>{PAGES[place.value.page](place.value)}</Frame>
      <AskHost />
    </>
  );
}
