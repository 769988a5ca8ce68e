// Colours of courses and people.

/** What one can give a course, by name. */
export const PALETTE = [
  ['Pine', '#0f766e'], ['Sky', '#2563eb'], ['Violet', '#7c3aed'], ['Rose', '#db2777'],
  ['Ember', '#dc4a1e'], ['Honey', '#c77d0a'], ['Leaf', '#4d7c0f'], ['Slate', '#52606d'],
];

/** The colour of a course: its own, else one that stays the same for the same title. */
export function courseColor({ color, title }) {
  if (color) return color;
  let sum = 0;
  for (const letter of title ?? '') sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return PALETTE[sum % PALETTE.length][1];
}

const PEOPLE = ['#4d7c0f', '#1d4ed8', '#7c3aed', '#0e7490', '#be185d', '#c2410c', '#a16207', '#0f766e'];

/** The colour of a person who has not chosen one; the same each time. */
export function personColor(userId) {
  let sum = 7;
  for (const letter of userId) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return PEOPLE[sum % PEOPLE.length];
}

/** Black or white, whichever is easier to read on `color`. */
export function inkOn(color) {
  const value = Number.parseInt(/^#([0-9a-f]{6})$/i.exec(color ?? '')?.[1] ?? '52606d', 16);
  const linear = [16, 8, 0].map((shift) => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return light > 0.36 ? '#14181c' : '#ffffff';
}
