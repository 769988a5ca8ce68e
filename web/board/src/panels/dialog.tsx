// Dialogs: one `<dialog>` at a time over another, which keeps the focus inside, closes with Escape and
// gives the focus back.

import { signal } from '@preact/signals';
import { type ComponentChildren, type VNode, render } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../language/index.js';
import { byId } from '../app/dom.js';

type Make = (close: () => void) => VNode;

const open = signal<readonly { readonly id: number; readonly make: Make }[]>([]);
let count = 0;
let hosted = false;

/** Opens what `make` answers, which is a `Dialog`; answers what closes it. */
export function openDialog(make: Make): () => void {
  const id = count += 1;
  open.value = [...open.peek(), { id, make }];
  if (!hosted) render(<Host />, byId('dialogs'));
  hosted = true;
  return () => shut(id);
}

/** Closes every dialog, as when the screen changes. */
export function closeDialogs(): void {
  open.value = [];
}

function shut(id: number): void {
  open.value = open.peek().filter((entry) => entry.id !== id);
}

function Host() {
  return <>{open.value.map(({ id, make }) => <One key={id} make={() => make(() => shut(id))} />)}</>;
}

/** A component of its own, so that a dialog's state is kept while others open and close. */
function One({ make }: { make: () => VNode }) {
  const made = useRef<VNode | null>(null);
  made.current ??= make();
  return made.current;
}

/** A titled dialog. `wide` is for tables. */
export function Dialog({ title, close, wide = false, children }: {
  title: string; close: () => void; wide?: boolean; children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); close(); }}
      onKeyDown={(event) => event.stopPropagation()}>
      <header><h2 id={id}>{title}</h2><button class="icon" type="button" aria-label={t('app.close')} onClick={close}>×</button></header>
      {children}
    </dialog>
  );
}

/** Asks before something large is done. */
export function ask({ title, text, yes, run }: { title: string; text: string; yes: string; run: () => void }): void {
  openDialog((close) => (
    <Dialog title={title} close={close}>
      <p>{text}</p>
      <footer>
        <button class="primary" type="button" autofocus onClick={() => { close(); run(); }}>{yes}</button>
        <button class="quiet" type="button" onClick={close}>{t('app.cancel')}</button>
      </footer>
    </Dialog>
  ));
}
