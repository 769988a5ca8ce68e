// The drawer that tells who is here, how lively, and what they look at.

import { toWall } from '../app/time.js';
import { clockOf, t } from '../language/index.js';
import { Avatar } from './avatar.js';
import type { Desk } from './desk.js';
import { Drawer } from './drawer.js';
import { type Person, roleText } from './people.js';

/** The drawer. */
export function Participants({ desk }: { desk: Desk }) {
  desk.presence.value;
  const { here } = desk.people;
  return (
    <Drawer title={t('people.heading', { count: here.length })} close={desk.close}>
      <ul class="participants">{here.map((person) => <Entry key={person.userId} person={person} desk={desk} />)}</ul>
    </Drawer>
  );
}

function Entry({ person, desk }: { person: Person; desk: Desk }) {
  const { sessions, you, name } = person;
  const course = desk.room.view.courses.get(sessions.flatMap(({ selection }) => selection?.courseIds ?? [])[0] ?? '');
  const since = sessions.map(({ joinedAt }) => joinedAt).sort()[0];
  const about = [
    roleText(person.role), ...(since ? [t('people.since', { time: clockOf(toWall(Date.parse(since), desk.zone)) })] : []),
    ...(sessions.length > 1 ? [t('people.windows', { count: sessions.length })] : []),
  ];
  return (
    <li data-user={person.userId}>
      <Avatar of={person} />
      <div>
        <p><strong>{you ? t('people.isYou', { name }) : name}</strong> <span class={`liveliness ${person.state}`}>{t(`people.${person.state}`)}</span></p>
        <p class="soft">{about.join(' · ')}</p>
        {course && !you && <p class="soft">{t('people.looksAt', { title: course.title })}</p>}
      </div>
    </li>
  );
}
