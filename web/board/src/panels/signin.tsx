// The first screen: pick a demo person, or paste a token where there are none.

import { signal } from '@preact/signals';
import { render } from 'preact';
import { personColor } from '../app/color.js';
import { byId } from '../app/dom.js';
import { type PlainKey, t } from '../language/index.js';
import { type DemoPerson, demoPeople } from './api.js';
import { Avatar } from './avatar.js';
import { Choices } from './choices.js';
import { roleText } from './people.js';
import { type Session, claimsOf, signIn } from './session.js';

const RETRY_MS = 3000;

/** `undefined` until the service has said who there is. */
const people = signal<DemoPerson[] | null | undefined>(undefined);
const problem = signal('');

type Done = (session: Session) => void;

/** Shows the screen; `done` gets the session. `why` says why one is here again. */
export function showSignIn(done: Done, why = ''): void {
  problem.value = why;
  people.value = undefined;
  render(<SignIn done={done} />, byId('signin'));
  void look();
}

async function look(): Promise<void> {
  try {
    people.value = await demoPeople();
    if (problem.peek() === t('signin.noAnswer')) problem.value = '';
  } catch {
    problem.value = t('signin.noAnswer');
    setTimeout(() => {
      if (!byId('signin').hidden) void look();
    }, RETRY_MS);
  }
}

function SignIn({ done }: { done: Done }) {
  return (
    <div class="door-card">
      <div class="brand brand-large"><img src="board/icon.svg" alt="" width="40" height="40" /><span>{t('app.name')}</span></div>
      <h1>{t('signin.heading')}</h1>
      {people.value && <DemoPeople list={people.value} done={done} />}
      {people.value === null && <TokenForm done={done} />}
      <p class="form-error" role="alert">{problem.value}</p>
      <Choices />
    </div>
  );
}

function DemoPeople({ list, done }: { list: readonly DemoPerson[]; done: Done }) {
  return (
    <>
      <p class="soft">{t('signin.demo')}</p>
      <div class="people-list">
        {list.map((person) => (
          <button key={person.userId} class="person" type="button" data-person={person.name} onClick={() => done(signIn({ ...person, demo: true }))}>
            <Avatar of={{ name: person.name, color: personColor(person.userId) }} size="large" />
            <span><strong>{person.name}</strong><small>{roleText(person.role)} · {mayText(person.role)}</small></span>
          </button>
        ))}
      </div>
    </>
  );
}

function mayText(role: string): string {
  return ['owner', 'manager', 'trainer', 'member', 'service'].includes(role) ? t(`may.${role}` as PlainKey) : '';
}

function TokenForm({ done }: { done: Done }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget as HTMLFormElement).get('token')).trim();
    if (claimsOf(token).sub) done(signIn({ token }));
    else problem.value = t('signin.notToken');
  };
  return (
    <>
      <p class="soft">{t('signin.paste')}</p>
      <form class="token-form" onSubmit={submit}>
        <label for="token-field">{t('signin.token')}</label>
        <textarea id="token-field" name="token" rows={4} required spellcheck={false} autocomplete="off" />
        <button class="primary" type="submit">{t('signin.submit')}</button>
      </form>
    </>
  );
}
