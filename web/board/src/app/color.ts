// Colours of courses and people.

/** What one can give a course, by name. */
export const PALETTE: readonly (readonly [name: string, color: string])[] = [
  ['Pine', '#0f766e'], ['Sky', '#2563eb'], ['Violet', '#7c3aed'], ['Rose', '#db2777'],
  ['Ember', '#dc4a1e'], ['Honey', '#c77d0a'], ['Leaf', '#4d7c0f'], ['Slate', '#52606d'],
];
const SLATE = '#52606d';

/** A number that is always the same for the same text. */
function sumOf(text: string, seed: number): number {
  let sum = seed;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum;
}

/** The colour of a course: its own, else one that stays the same for the same title. */
export function courseColor({ color, title }: { color?: string | null | undefined; title?: string | undefined }): string {
  return color || (PALETTE[sumOf(title ?? '', 0) % PALETTE.length]?.[1] ?? SLATE);
}

const PEOPLE = ['#4d7c0f', '#1d4ed8', '#7c3aed', '#0e7490', '#be185d', '#c2410c', '#a16207', '#0f766e'];

/** The colour of a person who has not chosen one; the same each time. */
export function personColor(userId: string): string {
  return PEOPLE[sumOf(userId, 7) % PEOPLE.length] ?? SLATE;
}

/** Black or white, whichever is easier to read on `color`. */
export function inkOn(color: string | null | undefined): string {
  const value = Number.parseInt(/^#([0-9a-f]{6})$/i.exec(color ?? '')?.[1] ?? SLATE.slice(1), 16);
  const linear = (shift: number) => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const light = 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0);
  return light > 0.36 ? '#14181c' : '#ffffff';
}
