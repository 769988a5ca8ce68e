// The drawer that tells who did what and when, newest first.

import type { wire } from '@kyo/collaboration-client';
import { MINUTE, dayOf, toWall } from '../app/time.js';
import { clockOf, minutesAgo, momentText, t } from '../language/index.js';
import { Avatar } from './avatar.js';
import type { Desk } from './desk.js';
import { Drawer } from './drawer.js';
import { effectOf, eventText } from './eventtext.js';
import type { Log } from './log.js';
import type { Past } from './past.js';
import { rich, slot } from './rich.js';

/** `just now`, `5 min ago`, `14:20`, `3 Nov, 14:20`. */
export function ago(at: string, now: number, zone: string): string {
  const gone = now - Date.parse(at);
  if (gone < MINUTE) return t('history.now');
  if (gone < 60 * MINUTE) return minutesAgo(Math.floor(gone / MINUTE));
  const wall = toWall(Date.parse(at), zone);
  return dayOf(wall) === dayOf(toWall(now, zone)) ? clockOf(wall) : momentText(wall);
}

/** The drawer. */
export function History({ desk, log, past }: { desk: Desk; log: Log; past: Past }) {
  const { room } = desk;
  desk.changes.value;
  const events = log.shown;
  const undone = new Set(log.events.value.flatMap(({ undoes }) => undoes ?? []));
  const undos = new Set(log.events.value.filter(({ undoes }) => undoes).map(({ opId }) => opId));
  return (
    <Drawer title={t('history.heading')} close={desk.close}>
      <Filters desk={desk} log={log} />
      <ol class="history-list">
        {events.map((event) => <Line key={event.seq} {...{ event, desk, log, past }} undone={undone.has(event.opId)} redo={undos.has(event.undoes ?? '')} />)}
      </ol>
      {log.problem.value && <p class="form-error" role="alert">{t('history.unread', { reason: log.problem.value })}</p>}
      {events.length === 0 && log.events.value.length > 0 && <p class="soft">{t('history.nothing')}</p>}
      {log.more.value && room.joined && <button class="plain" type="button" onClick={() => void log.older()}>{t('history.older')}</button>}
    </Drawer>
  );
}

function Filters({ desk, log }: { desk: Desk; log: Log }) {
  const { userId, title } = log.filter.value;
  const people = [...new Set(log.events.value.map((event) => event.userId))];
  const set = (change: Partial<{ userId: string; title: string }>) => {
    log.filter.value = { ...log.filter.peek(), ...change };
    if (log.shown.length === 0 && log.more.peek()) void log.older();
  };
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">{t('history.filter')}</legend>
      <select aria-label={t('history.filterPerson')} value={userId} onChange={(event) => set({ userId: event.currentTarget.value })}>
        <option value="">{t('history.everyone')}</option>
        {people.map((id) => <option key={id} value={id}>{desk.people.nameOf(id)}</option>)}
      </select>
      <select aria-label={t('history.filterCourse')} value={title} onChange={(event) => set({ title: event.currentTarget.value })}>
        <option value="">{t('history.everything')}</option>
        {log.titles.map((each) => <option key={each} value={each}>{each}</option>)}
      </select>
    </fieldset>
  );
}

interface LineProps { event: wire.Event; desk: Desk; log: Log; past: Past; undone: boolean; redo: boolean }

function Line({ event, desk, log, past, undone, redo }: LineProps) {
  const { room, people } = desk;
  const title = (id: string) => log.title(id) || t('history.aClass');
  const template = (id: string) => log.template(id) || t('history.aTemplate');
  const { sentence, what, detail } = eventText(effectOf(event), { zone: desk.zone, timetable: room.timetable, title, template }, slot(0), slot(1));
  const mine = event.userId === people.me.userId;
  return (
    <li data-seq={event.seq} class={past.at.value === event.seq ? 'current' : ''}>
      <Avatar of={people.personOf(event.userId)} size="small" />
      <div>
        <p>{rich(sentence, [<strong>{people.nameOf(event.userId)}</strong>, <b>{what}</b>])}</p>
        {detail && <p class="soft">{detail}</p>}
        {event.override && <p class="warned">{t('history.override', { reason: event.override.reason })}</p>}
        <p class="soft line-foot">
          <time dateTime={event.at} title={event.at}>{ago(event.at, Date.now(), desk.zone)}</time>
          {event.undoes && <span>{redo ? t('history.byRedo') : t('history.byUndo')}</span>}
          {desk.editable && mine && !undone && <button class="link" type="button" onClick={() => void room.undo(event.opId)}>{t('history.undoThis')}</button>}
          <button class="link" type="button" onClick={() => past.go(event.seq)}>{t('history.seeHere')}</button>
        </p>
      </div>
    </li>
  );
}
