// The round picture of a person: their own where they have one, else initials on their colour. Once
// as an element for the week's cards, once as a component for panels. Initials are drawn by the style
// sheet: to a screen reader they would be noise beside the name.

import { inkOn } from '../app/color.js';
import { h } from '../app/dom.js';

/** What a picture needs to know of somebody. */
export interface Portrait {
  readonly name: string;
  readonly color?: string | undefined;
  readonly state?: string | undefined;
  readonly avatar?: string | null | undefined;
}

/** Colour of people who have none. */
export const FALLBACK = '#52606d';

/** Initials of a name: of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => [...word ?? ''][0] ?? '');
  return letters.join('').toLocaleUpperCase() || '?';
}

function look({ color, state }: Portrait, size: string) {
  const ground = /^#[0-9a-f]{6}$/i.test(color ?? '') ? color ?? FALLBACK : FALLBACK;
  const idle = state && state !== 'active' ? ` idle ${state}` : '';
  return { ground, ink: inkOn(ground), className: `avatar ${size}${idle}` };
}

/** Pictures come from the page's own host or from the text itself; others the browser would refuse. */
function picture({ avatar: address }: Portrait): string | null {
  if (!address) return null;
  return address.startsWith('data:image/') || (address.startsWith('/') && !address.startsWith('//')) ? address : null;
}

/** As an element. */
export function avatar(of: Portrait, size = ''): HTMLElement {
  const { ground, ink, className } = look(of, size);
  const image = picture(of);
  return h('span', {
    class: className, title: of.name, '--ground': ground, '--on-ground': ink, 'aria-hidden': 'true',
    'data-initials': image ? null : initials(of.name),
  }, image && h('img', { src: image, alt: '' }));
}

/** As a component. */
export function Avatar({ of, size = '' }: { of: Portrait; size?: string }) {
  const { ground, ink, className } = look(of, size);
  const image = picture(of);
  return (
    <span class={className} style={{ '--ground': ground, '--on-ground': ink }} aria-hidden="true"
      data-initials={image ? undefined : initials(of.name)}>
      {image && <img src={image} alt="" />}
    </span>
  );
}
