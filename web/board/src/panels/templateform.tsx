// The dialog that edits a template: its name and its classes of a week.

import type { wire } from '@kyo/collaboration-client';
import { useSignal } from '@preact/signals';
import { t, weekdayLong } from '../language/index.js';
import type { Desk } from './desk.js';
import { Dialog } from './dialog.js';
import { sorted } from './pattern.js';
import { toast } from './toasts.js';

const FRESH: wire.Slot = { weekday: 1, start: '09:00', minutes: 60, title: '' };

/** A row keeps its key while it is sorted or others go. */
interface Row { readonly key: number; readonly slot: wire.Slot }

/** The dialog. */
export function TemplateForm({ desk, template, close }: { desk: Desk; template: wire.NewTemplate; close: () => void }) {
  const rows = useSignal<readonly Row[]>(sorted(template.slots).map((slot, key) => ({ key, slot })));
  const name = useSignal(template.name);
  const change = (key: number, slot: wire.Slot | null) => {
    rows.value = rows.value.flatMap((row) => row.key !== key ? row : slot ? { key, slot } : []);
  };
  const add = () => {
    const last = rows.value.at(-1)?.slot ?? FRESH;
    const key = Math.max(-1, ...rows.value.map((row) => row.key)) + 1;
    rows.value = [...rows.value, { key, slot: { ...FRESH, weekday: last.weekday, start: last.start } }];
  };
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const slots = sorted(rows.value.map(({ slot }) => slot));
    const op = { kind: 'template_save' as const, template: { ...(template.id && { id: template.id }), name: name.value.trim(), slots } };
    close();
    if (await desk.room.apply(op)) toast({ title: t('template.saved'), key: 'template-saved' });
  };
  return (
    <Dialog title={template.id ? t('template.edit', { name: template.name }) : t('template.new')} close={close} wide>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <label class="field"><span>{t('template.name')}</span>
          <input name="name" required maxLength={200} value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }} /></label>
        <div class="slots">{rows.value.map(({ key, slot }) => <SlotRow key={key} desk={desk} slot={slot} change={(next) => change(key, next)} />)}</div>
        <button class="link add" type="button" onClick={add}>+ {t('template.addSlot')}</button>
        <footer>
          <button class="primary" type="submit" disabled={rows.value.length === 0}>{t('template.save')}</button>
          <button class="quiet" type="button" onClick={close}>{t('app.cancel')}</button>
          <div class="grow" />
          {template.id && <button class="danger" type="button" onClick={() => void remove(desk, template.id ?? '', close)}>{t('template.delete')}</button>}
        </footer>
      </form>
    </Dialog>
  );
}

async function remove(desk: Desk, templateId: string, close: () => void): Promise<void> {
  close();
  const ack = await desk.room.apply({ kind: 'template_delete', templateId });
  if (!ack) return;
  toast({ title: t('template.deleted'), key: 'template-deleted', actions: [{ label: t('app.undo'), run: () => desk.room.undo(ack.opId) }] });
}

function SlotRow({ desk, slot, change }: { desk: Desk; slot: wire.Slot; change: (slot: wire.Slot | null) => void }) {
  const set = (fields: Partial<wire.Slot>) => change({ ...slot, ...fields });
  return (
    <fieldset class="slot">
      <legend class="visually-hidden">{slot.title || t('template.title')}</legend>
      <select name="weekday" aria-label={t('template.weekday')} value={slot.weekday} onChange={(event) => set({ weekday: Number(event.currentTarget.value) })}>
        {[1, 2, 3, 4, 5, 6, 7].map((day) => <option key={day} value={day}>{weekdayLong(day)}</option>)}
      </select>
      <input type="time" name="start" required aria-label={t('template.start')} value={slot.start} onInput={(event) => set({ start: event.currentTarget.value })} />
      <input type="number" name="minutes" required min={1} max={1440} aria-label={t('template.minutes')} title={t('template.minutes')} value={slot.minutes}
        onInput={(event) => set({ minutes: event.currentTarget.valueAsNumber || 1 })} />
      <input class="slot-title" required maxLength={200} aria-label={t('template.title')} placeholder={t('template.title')} value={slot.title}
        onInput={(event) => set({ title: event.currentTarget.value })} />
      <Resources desk={desk} kind="trainer" value={slot.trainerId} change={(trainerId) => set({ trainerId })} />
      <Resources desk={desk} kind="studio" value={slot.studioId} change={(studioId) => set({ studioId })} />
      <input type="number" name="capacity" min={1} max={100000} aria-label={t('template.places')} placeholder={t('template.places')} value={slot.capacity ?? ''}
        onInput={(event) => set({ capacity: event.currentTarget.valueAsNumber || null })} />
      <button class="icon" type="button" aria-label={t('template.removeSlot', { title: slot.title })} onClick={() => change(null)}>×</button>
    </fieldset>
  );
}

function Resources({ desk, kind, value, change }: {
  desk: Desk; kind: wire.ResourceKindName; value: string | null | undefined; change: (id: string | null) => void;
}) {
  const list = desk.room.view.resourcesOf(kind);
  const unknown = value && !list.some(({ id }) => id === value);
  return (
    <select name={kind} aria-label={t(`template.${kind}`)} value={value ?? ''} onChange={(event) => change(event.currentTarget.value || null)}>
      <option value="">{kind === 'trainer' ? t('template.nobody') : t('template.nowhere')}</option>
      {list.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
      {unknown && <option value={value}>{value}</option>}
    </select>
  );
}
