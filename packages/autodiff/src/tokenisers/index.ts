export type {
  AddedToken,
  ByteMergesData,
  PieceMergesData,
  PieceNormalisation,
  SpecialIds,
  TokeniserData,
  UnigramData,
  WordPieceData,
} from './data.ts';
export { type ReadTokeniserOptions, readTokeniser, type TokeniserFiles } from './readers/read.ts';
export type { TiktokenSettings } from './readers/tiktoken.ts';
export { type DecodeOptions, type EncodeOptions, type Tokeniser, tokeniser } from './tokeniser.ts';
