// The dialog that lays a template over a range of days: a preview first, then one operation, then
// what was left out and why.

import { ServiceError, type wire } from '@kyo/collaboration-client';
import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { dateText, mondayOf, parseDate } from '../app/time.js';
import { t } from '../language/index.js';
import type { Desk } from './desk.js';
import { Dialog, openDialog } from './dialog.js';
import { span } from './eventtext.js';
import { type Occurrence, daysOf, expand, inTheWay } from './pattern.js';
import { toast } from './toasts.js';

const SHOWN = 60;
const SETTLE_MS = 250;

interface Verdict { readonly bad: boolean; readonly text: string }

/** The dialog. */
export function TemplateApply({ desk, template, close }: { desk: Desk; template: wire.Template; close: () => void }) {
  const from = useSignal(dateText(desk.monday + 7));
  const to = useSignal(dateText(desk.monday + 13));
  const onConflict = useSignal<wire.OnConflictName>('skip');
  const days = useComputed(() => daysOf(from.value, to.value));
  const op = { kind: 'template_apply' as const, templateId: template.id, from: from.value, to: to.value, onConflict: onConflict.value };
  const verdict = useVerdict(desk, days.value ? op : null);
  desk.changes.value;
  const list = days.value ? expand(template.slots, days.value, desk.zone) : [];
  const blocked = new Map(list.map((each) => [each, inTheWay(each, desk.room.view)]).filter((entry): entry is [Occurrence, wire.Course] => entry[1] !== null));
  const count = onConflict.value === 'skip' ? list.length - blocked.size : list.length;
  return (
    <Dialog title={t('template.applyTo', { name: template.name })} close={close} wide>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); close(); void run(desk, op); }}>
        <div class="trio">
          <label class="field"><span>{t('template.from')}</span><input type="date" name="from" required value={from.value} onInput={(event) => { from.value = event.currentTarget.value; }} /></label>
          <label class="field"><span>{t('template.to')}</span><input type="date" name="to" required value={to.value} onInput={(event) => { to.value = event.currentTarget.value; }} /></label>
          <label class="field"><span>{t('template.onConflict')}</span>
            <select name="onConflict" value={onConflict.value} onChange={(event) => { onConflict.value = event.currentTarget.value as wire.OnConflictName; }}>
              <option value="skip">{t('template.skip')}</option><option value="fail">{t('template.fail')}</option>
            </select></label>
        </div>
        {!days.value && <p class="form-error" role="alert">{t('template.range')}</p>}
        <div role="status">
          <p><b>{t('template.preview', { count })}</b>{blocked.size > 0 && ` · ${t('template.inTheWay', { count: blocked.size })}`}</p>
          {verdict.value && <p class={verdict.value.bad ? 'warned' : 'soft'}>{verdict.value.text}</p>}
        </div>
        <Preview desk={desk} list={list} blocked={blocked} />
        <footer>
          <button class="primary" type="submit" disabled={count === 0 || (verdict.value?.bad ?? false)}>{t('template.applyNow', { count })}</button>
          <button class="quiet" type="button" onClick={close}>{t('app.cancel')}</button>
        </footer>
      </form>
    </Dialog>
  );
}

/** What the service says to the operation, asked anew when it is another one. */
function useVerdict(desk: Desk, op: wire.Operation | null) {
  const verdict = useSignal<Verdict | null>(null);
  const key = JSON.stringify(op);
  useEffect(() => {
    verdict.value = null;
    let dropped = false;
    const timer = setTimeout(async () => {
      const answer = op && await desk.room.probe(op);
      if (answer && !dropped) verdict.value = judged(answer);
    }, SETTLE_MS);
    return () => {
      dropped = true;
      clearTimeout(timer);
    };
  }, [key]);
  return verdict;
}

function judged(answer: { warnings: wire.Conflict[] } | { error: ServiceError }): Verdict {
  if ('error' in answer) return { bad: true, text: answer.error.message };
  const { length: count } = answer.warnings;
  return { bad: false, text: count === 0 ? t('template.dryFine') : t('template.dryWarned', { count }) };
}

function Preview({ desk, list, blocked }: { desk: Desk; list: readonly Occurrence[]; blocked: ReadonlyMap<Occurrence, wire.Course> }) {
  // What is in the way is what one wants to read: it comes first when not everything fits.
  const shown = list.length <= SHOWN ? list : [...list].sort((a, b) => Number(blocked.has(b)) - Number(blocked.has(a))).slice(0, SHOWN);
  return (
    <ul class="preview" tabIndex={0} aria-label={t('template.preview', { count: list.length })}>
      {shown.map((each) => {
        const obstacle = blocked.get(each);
        return (
          <li key={`${each.startsAt} ${each.slot.title} ${each.slot.studioId ?? ''}`} class={obstacle ? 'blocked' : ''}>
            <span>{span(each, desk.zone)}</span><strong>{each.slot.title}</strong>
            {obstacle && <span class="warned">× {obstacle.title}, {span(obstacle, desk.zone)}</span>}
          </li>
        );
      })}
      {list.length > shown.length && <li class="soft">{t('template.andMore', { count: list.length - shown.length })}</li>}
    </ul>
  );
}

async function run(desk: Desk, op: { kind: 'template_apply' } & wire.TemplateApply): Promise<void> {
  const ack = await desk.room.apply(op);
  if (!ack || typeof ack.seq !== 'number') return;
  const { events } = await desk.room.history({ after: ack.seq - 1, limit: 1 });
  const data = events[0]?.data as wire.TemplateApplied | undefined;
  if (!data) return;
  const skipped = data.skipped.length > 0;
  toast({
    title: t('template.applied', { count: data.courses.length }), key: 'applied',
    text: skipped ? t('template.skipped', { count: data.skipped.length }) : '',
    actions: [
      ...(skipped ? [{ label: t('app.more'), run: () => tell(desk, data), stay: true }] : []),
      { label: t('app.undo'), run: () => desk.room.undo(ack.opId) },
    ],
  });
  if (skipped) tell(desk, data);
  const first = parseDate(op.from);
  if (first !== null) desk.go(mondayOf(first));
}

function tell(desk: Desk, { courses, skipped }: wire.TemplateApplied): void {
  openDialog((close) => (
    <Dialog title={t('template.applied', { count: courses.length })} close={close} wide>
      <p>{t('template.skipped', { count: skipped.length })}</p>
      <ul class="preview skipped" tabIndex={0} aria-label={t('template.skipped', { count: skipped.length })}>
        {skipped.map((each) => (
          <li key={`${each.startsAt} ${each.title}`} class="blocked">
            <span>{span(each, desk.zone)}</span><strong>{each.title}</strong>
            <span class="warned">{inWords(desk, each)}</span>
          </li>
        ))}
      </ul>
      <footer><button class="primary" type="button" onClick={close}>{t('app.close')}</button></footer>
    </Dialog>
  ));
}

/** What was there, with all that it takes: `Ana, Studio A: Spin, Mon 23 Nov, 07:00–07:45`. */
function inWords(desk: Desk, skipped: wire.Skipped): string {
  const { timetable } = desk.room;
  const taken = new Map<string, string[]>();
  for (const conflict of skipped.conflicts) {
    const resource = timetable.trainer(conflict.resourceId) ?? timetable.studio(conflict.resourceId);
    // The class that was left out has no event: what is known, or is elsewhere in time, is the other.
    const others = conflict.courses.filter((course) => timetable.courses.has(course.courseId) || course.startsAt !== skipped.startsAt);
    const what = others.map((course) => `${course.title ?? t('history.aClass')}, ${span(course, desk.zone)}`).join('; ');
    taken.set(what, [...taken.get(what) ?? [], resource?.name ?? conflict.resourceId]);
  }
  return [...taken].map(([what, names]) => [names.join(', '), what].filter(Boolean).join(': ')).join(' · ');
}
