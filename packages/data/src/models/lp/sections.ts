import type { Token } from './tokens.ts';

export type Section =
  | 'minimize'
  | 'maximize'
  | 'constraints'
  | 'bounds'
  | 'general'
  | 'binary'
  | 'semi-continuous'
  | 'special ordered sets'
  | 'lazy constraints'
  | 'user cuts'
  | 'general constraints'
  | 'end';

/** The words that begin each section, in lower case. */
const headers: ReadonlyMap<string, Section> = new Map<string, Section>([
  ['minimize', 'minimize'],
  ['minimise', 'minimize'],
  ['minimum', 'minimize'],
  ['min', 'minimize'],
  ['maximize', 'maximize'],
  ['maximise', 'maximize'],
  ['maximum', 'maximize'],
  ['max', 'maximize'],
  ['subject to', 'constraints'],
  ['such that', 'constraints'],
  ['st', 'constraints'],
  ['s.t.', 'constraints'],
  ['st.', 'constraints'],
  ['bounds', 'bounds'],
  ['bound', 'bounds'],
  ['generals', 'general'],
  ['general', 'general'],
  ['gen', 'general'],
  ['integers', 'general'],
  ['integer', 'general'],
  ['int', 'general'],
  ['binaries', 'binary'],
  ['binary', 'binary'],
  ['bin', 'binary'],
  ['semi-continuous', 'semi-continuous'],
  ['semis', 'semi-continuous'],
  ['semi', 'semi-continuous'],
  ['sos', 'special ordered sets'],
  ['sos1', 'special ordered sets'],
  ['sos2', 'special ordered sets'],
  ['lazy constraints', 'lazy constraints'],
  ['user cuts', 'user cuts'],
  ['general constraints', 'general constraints'],
  ['end', 'end'],
]);
/** Tokens of the longest header, 'semi-continuous'. */
const MOST_TOKENS = 3;

const textOf = (token: Token): string =>
  token.kind === 'name' ? token.name.toLowerCase() : token.kind === 'sign' ? token.sign : '';

/** The section whose header begins at a token, and the number of tokens of the header. */
export function headerAt(tokens: readonly Token[], at: number): { section: Section; length: number } | undefined {
  // A header begins a line, so that its words can be names elsewhere; a name before a colon is that of a row.
  if (at > 0 && tokens[at - 1].line === tokens[at]?.line) return undefined;
  for (let length = MOST_TOKENS; length > 0; length--) {
    const words = tokens.slice(at, at + length);
    if (words.length < length || words.some(({ line }) => line !== tokens[at].line)) continue;
    const after = tokens[at + length];
    if (after?.kind === 'sign' && (after.sign === ':' || after.sign === '::')) continue;
    const text = words.map(textOf);
    const section = headers.get(text.join(' ')) ?? headers.get(text.join(''));
    if (section) return { section, length };
  }
  return undefined;
}
