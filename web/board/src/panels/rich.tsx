// Sentences with elements in them: the dictionary decides about the order, the caller about the looks.

import type { ComponentChild } from 'preact';

/** Placeholder number `index` of a sentence. */
export const slot = (index: number) => String.fromCodePoint(0xE000 + index);

/** A sentence with its placeholders replaced by `parts`, by index. */
export function rich(sentence: string, parts: readonly ComponentChild[]): ComponentChild[] {
  return sentence.split(/([\uE000-\uE00F])/).map((piece) => {
    const index = (piece.codePointAt(0) ?? 0) - 0xE000;
    return piece.length === 1 && index >= 0 && index < parts.length ? parts[index] : piece;
  });
}
