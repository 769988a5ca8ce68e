// The sign-in: a demo operator of a development service, or a token. Nobody gets in whom the service
// would not answer.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../language/index.js';
import * as api from '../service/api.js';
import { asTrouble } from '../service/trouble.js';
import { type DoorReason, door, readToken, signIn } from '../state/session.js';
import { Choices } from './choices.js';

type Demo = Awaited<ReturnType<typeof api.demoOperators>>;

const RETRY_MS = 3000;

async function enter(token: string): Promise<void> {
  const who = readToken(token.trim());
  if (!who) {
    door.value = { reason: 'not_token', said: '', role: '' };
    return;
  }
  try {
    await api.overview(who.token);
    signIn(who);
  } catch (thrown) {
    const { kind, message } = asTrouble(thrown);
    const reason: DoorReason = kind === 'missing' ? 'refused' : kind;
    // `token` in place of the session's end: nobody was in.
    door.value = { reason, said: kind === 'expired' ? 'token' : message, role: who.role };
  }
}

function doorText(): string {
  const { reason, said, role } = door.value;
  if (reason === '') return '';
  if (reason === 'expired') return said === 'token' ? t('door.refusedToken') : t('door.expired');
  if (reason === 'forbidden') return t('door.forbidden', { role: role || t('app.unknown') });
  if (reason === 'refused') return t('door.refused', { said });
  return t(`door.${reason}`);
}

/** The first screen. */
export function Door() {
  const demo = useSignal<Demo>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        demo.value = await api.demoOperators();
        if (door.peek().reason === 'unreachable') door.value = { reason: '', said: '', role: '' };
      } catch (thrown) {
        if (asTrouble(thrown).kind === 'unreachable') door.value = { reason: 'unreachable', said: '', role: '' };
        timer = setTimeout(() => void look(), RETRY_MS);
      }
    };
    void look();
    return () => clearTimeout(timer);
  }, []);
  return (
    <main class="door">
      <div class="door-card">
        <p class="brand large"><img src="board/icon.svg" alt="" width="40" height="40" />Kyo <span>{t('app.console')}</span></p>
        <h1>{t('door.heading')}</h1>
        <p class="soft">{t('door.intro')}</p>
        <p class="door-problem" role="alert">{doorText()}</p>
        <Demos list={demo.value} />
        <TokenForm folded={demo.value.length > 0} />
        <Choices />
      </div>
    </main>
  );
}

function Demos({ list }: { list: Demo }) {
  if (list.length === 0) return null;
  return (
    <div class="stack">
      <p class="soft">{t('door.demo')}</p>
      {list.map(({ userId, name, token }) => (
        <button key={userId} type="button" class="demo" data-operator={userId} onClick={() => void enter(token)}>
          <strong>{name}</strong><small>{t('door.as')}</small>
        </button>
      ))}
    </div>
  );
}

function TokenForm({ folded }: { folded: boolean }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void enter(String(new FormData(event.currentTarget as HTMLFormElement).get('token')));
  };
  const form = (
    <form class="stack" onSubmit={submit}>
      <label class="field"><span>{t('door.token')}</span>
        <textarea class="mono" name="token" rows={4} required spellcheck={false} autocomplete="off" />
      </label>
      <p class="hint">{t('door.tokenHint')}</p>
      <div><button class="primary" type="submit">{t('door.submit')}</button></div>
    </form>
  );
  return folded ? <details class="fold"><summary>{t('door.other')}</summary>{form}</details> : form;
}
