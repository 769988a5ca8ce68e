// The dialog with the address by which calendar programs subscribe, and the timetable as a file.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../language/index.js';
import { calendarFile } from './api.js';
import { type Link, calendarLink, endCalendarLink } from './calendarlink.js';
import type { Desk } from './desk.js';
import { Dialog } from './dialog.js';

/** The dialog. */
export function CalendarLink({ desk, close }: { desk: Desk; close: () => void }) {
  const link = useSignal<Link | null>(null);
  const problem = useSignal('');
  const copied = useSignal(false);
  useEffect(() => {
    calendarLink(desk.session.token, desk.room.id).then(
      (made) => { link.value = made; },
      (error: Error) => { problem.value = t('calendar.unavailable', { reason: error.message }); },
    );
  }, []);
  const copy = async () => {
    await navigator.clipboard.writeText(link.value?.url ?? '');
    copied.value = true;
  };
  const end = () => endCalendarLink(desk.session.token, desk.room.id).then(close, (error: Error) => { problem.value = error.message; });
  const download = () => save(desk).catch((error: Error) => { problem.value = error.message; });
  return (
    <Dialog title={t('calendar.heading')} close={close}>
      <p>{t('calendar.intro')}</p>
      <div class="stack">
        {link.value && (
          <div class="row">
            <input readOnly aria-label={t('calendar.address')} value={link.value.url} onFocus={(event) => event.currentTarget.select()} />
            <button class="primary" type="button" onClick={() => void copy().catch(() => { copied.value = false; })}>{copied.value ? t('calendar.copied') : t('calendar.copy')}</button>
          </div>
        )}
        <p class="form-error" role="alert">{problem}</p>
        <footer>
          {link.value && <a class="button" href={link.value.webcalUrl}>{t('calendar.subscribe')}</a>}
          <button class="plain" type="button" onClick={() => void download()}>{t('calendar.download')}</button>
          <div class="grow" />
          {link.value && <button class="danger" type="button" onClick={() => void end()}>{t('calendar.end')}</button>}
        </footer>
      </div>
    </Dialog>
  );
}

async function save(desk: Desk): Promise<void> {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await calendarFile(desk.session.token, desk.room.id));
  link.download = `${desk.room.record?.name ?? 'timetable'}.ics`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
