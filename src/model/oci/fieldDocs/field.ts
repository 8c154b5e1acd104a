/** A node of the table of fields. */
export interface Field {
  readonly text?: string;
  /** Holds for the fields inside too. */
  readonly section?: string;
  readonly fields?: Readonly<Record<string, Field>>;
  /** Each member, whatever its key. */
  readonly any?: Field;
  /** Each item of a list. */
  readonly items?: Field;
}

export const says = (text: string, inside: Omit<Field, 'text'> = {}): Field => ({ text, ...inside });
export const list = (text: string, item: string | Field, section?: string): Field => ({
  text,
  items: typeof item === 'string' ? says(item) : item,
  ...(section === undefined ? {} : { section }),
});
export const record = (fields: Readonly<Record<string, string>>): Readonly<Record<string, Field>> =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, says(text)]));
