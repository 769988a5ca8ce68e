// Ending somebody's connection, after a question.

import { t } from '../language/index.js';
import { disconnect } from '../service/api.js';
import { operator } from '../state/session.js';
import { ask } from './ask.js';
import { say } from './said.js';

/** The button beside a connection. */
export function Disconnect({ sessionId, name }: { sessionId: string; name: string }) {
  const question = () => ask({
    title: t('disconnect.title', { name }), text: t('disconnect.text'), yes: t('disconnect.yes'), danger: true,
    option: { label: t('disconnect.back'), hint: t('disconnect.backHint') },
    run: async (reason, back) => {
      await disconnect(operator.peek()?.token ?? '', sessionId, reason, back);
      say(t('disconnect.done', { name }));
    },
  });
  return <button class="danger small" type="button" aria-label={t('sessions.disconnectOf', { name })} onClick={question}>{t('sessions.disconnect')}</button>;
}
