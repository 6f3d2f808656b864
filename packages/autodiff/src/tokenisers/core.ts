/** The part of a tokeniser that depends on its kind. */
export interface Core {
  /** Appends the ids of a text to `out`; `first`: whether nothing of the text came before. */
  encode(text: string, out: number[], first: boolean): void;
  /** Text of ids, none of which is an added token. */
  decode(ids: readonly number[]): string;
  /** Text of a piece for people. */
  shown(id: number): string;
}

/** A text whose surrogates without a partner are replaced, as UTF-8 has none. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');
