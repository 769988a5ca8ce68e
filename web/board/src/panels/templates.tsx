// The drawer with the room's templates: a list, and the ways to make, edit and apply one.

import type { wire } from '@kyo/collaboration-client';
import { dayText, t, weekdayLong } from '../language/index.js';
import type { Desk } from './desk.js';
import { openDialog } from './dialog.js';
import { Drawer } from './drawer.js';
import { slotsOfWeek } from './pattern.js';
import { TemplateApply } from './templateapply.js';
import { TemplateForm } from './templateform.js';
import { toast } from './toasts.js';

/** The drawer. */
export function Templates({ desk }: { desk: Desk }) {
  desk.changes.value;
  const templates = [...desk.room.view.templates.values()].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Drawer title={t('template.heading')} close={desk.close}>
      {templates.length === 0 && <p class="soft">{t('template.none')}</p>}
      <ul class="template-list">{templates.map((template) => <Entry key={template.id} desk={desk} template={template} />)}</ul>
      {desk.editable && (
        <div class="row">
          <button class="primary" type="button" onClick={() => fromWeek(desk)}>{t('template.fromWeek')}</button>
          <button class="plain" type="button" onClick={() => edit(desk, { name: '', slots: [] })}>{t('template.new')}</button>
        </div>
      )}
    </Drawer>
  );
}

function Entry({ desk, template }: { desk: Desk; template: wire.Template }) {
  const days = [1, 2, 3, 4, 5, 6, 7].map((weekday) => template.slots.filter((slot) => slot.weekday === weekday).length);
  const most = Math.max(1, ...days);
  return (
    <li data-template={template.id}>
      <h3>{template.name}</h3>
      <p class="soft">{t('template.slots', { count: template.slots.length })}</p>
      <div class="week-bars" aria-hidden="true">{days.map((count, index) => <span key={index} title={`${weekdayLong(index + 1)}: ${count}`} style={{ '--part': count / most }} />)}</div>
      {desk.editable && (
        <div class="row">
          <button class="chip strong" type="button" onClick={() => apply(desk, template)}>{t('template.apply')}</button>
          <button class="chip" type="button" aria-label={t('template.edit', { name: template.name })} onClick={() => edit(desk, template)}>{t('template.editShort')}</button>
        </div>
      )}
    </li>
  );
}

function edit(desk: Desk, template: wire.NewTemplate): void {
  openDialog((close) => <TemplateForm desk={desk} template={template} close={close} />);
}

function apply(desk: Desk, template: wire.Template): void {
  openDialog((close) => <TemplateApply desk={desk} template={template} close={close} />);
}

function fromWeek(desk: Desk): void {
  const slots = slotsOfWeek(desk.room.view.courses.values(), desk.monday, desk.zone);
  if (slots.length === 0) toast({ title: t('template.weekEmpty'), key: 'week-empty' });
  else edit(desk, { name: t('template.weekName', { day: dayText(desk.monday) }), slots });
}
