// The dialog that imports a file: choose, look at the preview, correct the columns, send with progress.

import type { wire } from '@kyo/collaboration-client';
import { type Signal, useSignal } from '@preact/signals';
import { mondayOf, dayOf, toWall } from '../app/time.js';
import { type PlainKey, listText, t } from '../language/index.js';
import { ServiceError } from './api.js';
import type { Desk } from './desk.js';
import { Dialog } from './dialog.js';
import { span } from './eventtext.js';
import { FIELDS, type Preview, operationsOf, previewOf } from './importpreview.js';
import { type Sent, sendAll } from './sending.js';
import { toast } from './toasts.js';

const SHOWN = 100;
/** The service takes 2 MiB, quotation marks and all. */
const MOST_BYTES = 1.8 * 1024 * 1024;

interface Work {
  readonly file: Signal<File | null>;
  readonly preview: Signal<Preview | null>;
  readonly mapping: Signal<Readonly<Record<string, string>>>;
  readonly problem: Signal<string>;
  readonly sent: Signal<Sent | null>;
  readonly running: Signal<boolean>;
}

/** The dialog. */
export function Importer({ desk, close }: { desk: Desk; close: () => void }) {
  const work: Work = {
    file: useSignal<File | null>(null), preview: useSignal<Preview | null>(null), mapping: useSignal({}),
    problem: useSignal(''), sent: useSignal<Sent | null>(null), running: useSignal(false),
  };
  const stop = () => {
    work.running.value = false;
    close();
  };
  const { preview, sent } = work;
  return (
    <Dialog title={t('import.heading')} close={stop} wide>
      <p>{t('import.intro')}</p>
      <div class="stack">
        <label class="field"><span>{t('import.file')}</span>
          <input class="file" type="file" name="file" accept=".csv,.ics,text/csv,text/calendar" disabled={work.running.value || sent.value !== null}
            onChange={(event) => void choose(desk, work, event.currentTarget.files?.[0])} /></label>
        <p class="form-error" role="alert">{work.problem.value}</p>
        {preview.value && !sent.value && <Found desk={desk} work={work} preview={preview.value} />}
        {preview.value && sent.value && <Progress desk={desk} all={operationsOf(preview.value).length} sent={sent.value} running={work.running.value} />}
        <footer>
          {preview.value && !sent.value && (
            <button class="primary" type="button" disabled={fresh(preview.value) === 0} onClick={() => void run(desk, work)}>
              {t('import.run', { count: fresh(preview.value) })}
            </button>
          )}
          <button class="quiet" type="button" onClick={stop}>{sent.value && !work.running.value ? t('app.close') : t('app.cancel')}</button>
        </footer>
      </div>
    </Dialog>
  );
}

async function choose(desk: Desk, work: Work, file: File | undefined): Promise<void> {
  if (!file) return;
  work.preview.value = null;
  work.mapping.value = {};
  work.file.value = file.size > MOST_BYTES ? null : file;
  if (work.file.value) await look(desk, work);
  else work.problem.value = t('import.tooLarge');
}

async function look(desk: Desk, work: Work): Promise<void> {
  const file = work.file.peek();
  if (!file) return;
  work.problem.value = '';
  try {
    const preview = await previewOf(desk.session.token, desk.room.id, file, work.mapping.peek());
    if (file !== work.file.peek()) return;
    work.preview.value = preview;
    work.mapping.value = preview.mapping;
  } catch (error) {
    const missing = error instanceof ServiceError && error.code === 'not_found';
    work.problem.value = missing ? t('import.unavailable') : error instanceof Error ? error.message : String(error);
  }
}

/** How many classes it would bring that are not there. */
function fresh({ courses }: Preview): number {
  return courses.filter(({ exists }) => !exists).length;
}

function Found({ desk, work, preview }: { desk: Desk; work: Work; preview: Preview }) {
  const { courses, missing } = preview;
  return (
    <>
      <details open={missing.length > 0}>
        <summary>{t('import.mapping')}</summary>
        <form class="stack" onSubmit={(event) => { event.preventDefault(); void look(desk, work); }}>
          <div class="columns">{FIELDS.map((field) => <Column key={field} field={field} work={work} columns={preview.columns} />)}</div>
          <div class="row"><button class="plain" type="submit">{t('import.again')}</button></div>
        </form>
      </details>
      {missing.length > 0 && <p class="warned" role="status">{t('import.missing', { fields: listText(missing.map(fieldText)) })}</p>}
      <p role="status"><b>{t('import.preview', { count: courses.length })}</b></p>
      <ul class="preview" tabIndex={0} aria-label={t('import.preview', { count: courses.length })}>
        {courses.slice(0, SHOWN).map(({ line, course, exists }) => (
          <li key={line}>
            <span>{span(course, desk.zone)}</span><strong>{course.title}</strong><span class="soft">{about(desk, preview, course)}</span>
            {exists && <span class="tag">{t('import.exists')}</span>}
          </li>
        ))}
        {courses.length > SHOWN && <li class="soft">{t('template.andMore', { count: courses.length - SHOWN })}</li>}
      </ul>
      <Faults preview={preview} />
    </>
  );
}

function Column({ field, work, columns }: { field: (typeof FIELDS)[number]; work: Work; columns: readonly string[] }) {
  const id = `columns-of-${field}`;
  return (
    <label class="field"><span>{fieldText(field)}</span>
      <input list={id} placeholder={t('import.ignore')} value={work.mapping.value[field] ?? ''} autocomplete="off"
        onInput={(event) => { work.mapping.value = { ...work.mapping.peek(), [field]: event.currentTarget.value }; }} />
      <datalist id={id}>{columns.map((column) => <option key={column} value={`{${column}}`} />)}</datalist>
    </label>
  );
}

function fieldText(field: string): string {
  return FIELDS.some((each) => each === field) ? t(`import.field.${field}` as PlainKey) : field;
}

/** Trainer and studio by name, also those that the import itself brings. */
function about(desk: Desk, preview: Preview, { trainerId, studioId }: wire.NewCourse): string {
  const { timetable } = desk.room;
  const brought = (kind: wire.ResourceKindName, id: string) => operationsOf(preview).flatMap((op) =>
    op.kind === 'resource_upsert' && op.resource.kind === kind && op.resource.id === id ? op.resource.name : [])[0] ?? id;
  const trainer = trainerId && (timetable.trainer(trainerId)?.name ?? brought('trainer', trainerId));
  const studio = studioId && (timetable.studio(studioId)?.name ?? brought('studio', studioId));
  return [trainer, studio].filter(Boolean).join(' · ');
}

function Faults({ preview: { problems, problemCount } }: { preview: Preview }) {
  if (problemCount === 0) return null;
  return (
    <details>
      <summary class="warned">{t('import.faults', { count: problemCount })}</summary>
      <ul class="preview" tabIndex={0} aria-label={t('import.faults', { count: problemCount })}>
        {problems.map(({ line, message }) => <li key={line}>{t('import.line', { line, reason: message })}</li>)}
        {problemCount > problems.length && <li class="soft">{t('template.andMore', { count: problemCount - problems.length })}</li>}
      </ul>
    </details>
  );
}

async function run(desk: Desk, work: Work): Promise<void> {
  const operations = operationsOf(work.preview.peek() ?? { ops: [] });
  const { room } = desk;
  work.running.value = true;
  const sent = await sendAll(operations, {
    send: (op) => room.apply(op, { quiet: true }),
    why: async (op) => {
      const answer = await room.probe(op);
      return answer && 'error' in answer ? answer.error : null;
    },
  }, (so) => {
    work.sent.value = so;
    return work.running.peek();
  });
  work.running.value = false;
  finished(desk, sent, operations);
}

function finished(desk: Desk, sent: Sent, operations: readonly wire.Operation[]): void {
  const first = operations.find((op) => op.kind === 'course_create');
  if (sent.done > 0 && first?.kind === 'course_create') desk.go(mondayOf(dayOf(toWall(Date.parse(first.course.startsAt), desk.zone))));
  const undo = async () => {
    for (const opId of [...sent.opIds].reverse()) await desk.room.undo(opId);
  };
  toast({
    title: t('import.done', { count: sent.done }), key: 'imported',
    actions: sent.opIds.length > 0 ? [{ label: t('app.undo'), run: () => void undo() }] : [],
  });
}

function Progress({ desk, all, sent, running }: { desk: Desk; all: number; sent: Sent; running: boolean }) {
  const gone = sent.done + sent.refused.length;
  return (
    <>
      {running && <progress max={all} value={gone} aria-label={t('import.progress', { done: gone, all })} />}
      <p role="status">{running ? t('import.progress', { done: gone, all }) : t('import.done', { count: sent.done })}</p>
      {sent.refused.length > 0 && (
        <>
          <p class="warned">{t('import.refused', { count: sent.refused.length })}</p>
          <ul class="preview skipped" tabIndex={0} aria-label={t('import.refused', { count: sent.refused.length })}>
            {sent.refused.slice(0, SHOWN).map(({ op, error }, index) => (
              <li key={index} class="blocked">
                {op.kind === 'course_create' && <><span>{span(op.course, desk.zone)}</span><strong>{op.course.title}</strong></>}
                <span class="warned">{error?.message ?? t('import.clash')}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
