// The dialog with the address by which calendar programs subscribe, and the timetable as a file.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../language/index.js';
import { calendarFile } from './api.js';
import { calendarLink } from './calendarlink.js';
import type { Desk } from './desk.js';
import { Dialog } from './dialog.js';

/** The dialog. */
export function CalendarLink({ desk, close }: { desk: Desk; close: () => void }) {
  const address = useSignal('');
  const problem = useSignal('');
  const copied = useSignal(false);
  useEffect(() => {
    calendarLink(desk.session.token, desk.room.id).then(
      (link) => { address.value = link; },
      (error: Error) => { problem.value = t('calendar.unavailable', { reason: error.message }); },
    );
  }, []);
  const copy = async () => {
    await navigator.clipboard.writeText(address.value);
    copied.value = true;
  };
  const download = () => save(desk).catch((error: Error) => { problem.value = error.message; });
  return (
    <Dialog title={t('calendar.heading')} close={close}>
      <p>{t('calendar.intro')}</p>
      <div class="stack">
        {address.value && (
          <div class="row">
            <input readOnly aria-label={t('calendar.address')} value={address.value} onFocus={(event) => event.currentTarget.select()} />
            <button class="primary" type="button" onClick={() => void copy().catch(() => { copied.value = false; })}>{copied.value ? t('calendar.copied') : t('calendar.copy')}</button>
          </div>
        )}
        <p class="form-error" role="alert">{problem}</p>
        <footer><button class="plain" type="button" onClick={() => void download()}>{t('calendar.download')}</button></footer>
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
