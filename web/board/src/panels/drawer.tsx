// The frame of a panel beside the week.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../language/index.js';

/** A titled panel. The focus goes to it when it opens, so that a keyboard is there at once. */
export function Drawer({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div class="drawer">
      <header>
        <h2 ref={heading} tabIndex={-1}>{title}</h2>
        <button class="icon" type="button" aria-label={t('app.close')} onClick={close}>×</button>
      </header>
      {children}
    </div>
  );
}
