// The question before every action, with its reason. One at a time; it stays open until the action is
// done, so that a refusal is read where the wish was written.

import { signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../language/index.js';
import { suffer } from '../state/health.js';
import type { Trouble } from '../service/trouble.js';

const MAX_REASON = 500;

/** A question: `run` does it with the reason and whether `option` is chosen. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly danger: boolean;
  readonly option?: { readonly label: string; readonly hint: string };
  readonly run: (reason: string, option: boolean) => Promise<void>;
}

const asked = signal<Question | null>(null);

/** Asks. */
export function ask(question: Question): void {
  asked.value = question;
}

/** Where questions appear. */
export function AskHost() {
  return asked.value && <Ask question={asked.value} close={() => { asked.value = null; }} />;
}

function failureText({ kind, message }: Trouble): string {
  if (kind === 'unreachable') return t('ask.maybe');
  return kind === 'missing' ? t('ask.gone') : t('ask.failed', { said: message });
}

function Ask({ question, close }: { question: Question; close: () => void }) {
  const problem = useSignal('');
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const reason = String(form.get('reason')).trim();
    problem.value = reason === '' ? t('ask.missing') : '';
    if (reason === '' || busy.value) return;
    busy.value = true;
    try {
      await question.run(reason, form.get('option') !== null);
      close();
    } catch (thrown) {
      problem.value = failureText(suffer(thrown));
    }
    busy.value = false;
  };
  return (
    <Modal title={question.title} close={close}>
      <p>{question.text}</p>
      <form class="stack" onSubmit={(event) => void submit(event)} onInput={() => { problem.value = ''; }} noValidate>
        <label class="field"><span>{t('ask.reason')}</span>
          <textarea name="reason" rows={2} maxLength={MAX_REASON} required autofocus />
        </label>
        <p class="hint">{t('ask.reasonHint')}</p>
        {question.option && <Option {...question.option} />}
        <p class="form-error" role="alert">{problem.value}</p>
        <footer>
          <button class={question.danger ? 'primary dangerous' : 'primary'} type="submit" disabled={busy.value}>{question.yes}</button>
          <button class="quiet" type="button" onClick={close}>{t('app.cancel')}</button>
        </footer>
      </form>
    </Modal>
  );
}

function Option({ label, hint }: { label: string; hint: string }) {
  return (
    <>
      <label class="option"><input type="checkbox" name="option" defaultChecked />{label}</label>
      <p class="hint">{hint}</p>
    </>
  );
}

/** A titled dialog, which keeps the focus inside, closes with Escape and gives the focus back. */
function Modal({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); close(); }}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
