// What a message of a dictionary is and how it becomes a sentence. Pure; knows no language.

/** A sentence with `{names}` in it, or one for each plural form of `count`. */
export type Message = string | Plural;

/** Forms as `Intl.PluralRules` names them. */
export interface Plural { readonly one?: string; readonly other: string }

/** Messages by key. */
export type Messages = Readonly<Record<string, Message>>;

/** The same keys in another language. */
export type Translation<Of extends Messages> = { readonly [Key in keyof Of]: Message };

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names that a message wants values for. */
export type Names<Of> = Of extends string ? NamesIn<Of>
  : Of extends { other: infer Other } ? NamesIn<Other> | 'count' : never;

/** The values for those names; nothing where there are none. */
export type Values<Of> = [Names<Of>] extends [never] ? [] : [Record<Names<Of>, string | number>];

/** The names in a message, sorted; plural forms count together. */
export function namesIn(message: Message): string[] {
  const texts = typeof message === 'string' ? [message] : [message.one ?? '', message.other, '{count}'];
  const found = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''));
  return [...new Set(found)].sort();
}

/** The sentence, with numbers written as `locale` does. */
export function sentence(message: Message, values: Readonly<Record<string, string | number>>, locale: string): string {
  const write = (value: string | number | undefined) =>
    typeof value === 'number' ? value.toLocaleString(locale) : value ?? '';
  return form(message, Number(values.count ?? 0), locale).replace(/\{(\w+)\}/g, (_, name: string) => write(values[name]));
}

function form(message: Message, count: number, locale: string): string {
  if (typeof message === 'string') return message;
  const rule = new Intl.PluralRules(locale).select(count);
  return rule === 'one' ? message.one ?? message.other : message.other;
}
