// Tokenisers as plain data: what a file of one holds, and what is saved with a model.

/** Ids with a meaning; a tokeniser has those that its file names. */
export interface SpecialIds {
  /** Stands for what the vocabulary does not cover. */
  readonly unknown?: number;
  /** Begins a text (BERT: [CLS]). */
  readonly begin?: number;
  /** Ends a text (BERT: [SEP]). */
  readonly end?: number;
  /** Fills up shorter texts of a batch. */
  readonly pad?: number;
  /** Stands for what is to be guessed. */
  readonly mask?: number;
}

/** A token that is looked for in a text before it is split, as `<|endoftext|>`. */
export interface AddedToken {
  readonly id: number;
  readonly text: string;
  /** Special tokens are text like any other unless `encode` is told to parse them. */
  readonly special: boolean;
  /** Whether it takes the white space before it, and after it. */
  readonly stripLeft?: boolean;
  readonly stripRight?: boolean;
}

interface Shared {
  /** Text of each id; '' for ids without one. */
  readonly pieces: readonly string[];
  readonly special: SpecialIds;
  readonly added: readonly AddedToken[];
  /** Ids that the model wants before and after a text. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Types of SentencePiece's pieces. */
export const PIECE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** How SentencePiece prepares a text. */
export interface PieceNormalisation {
  /** Precompiled map of characters, as in the file: a double array and the replacements. */
  readonly characters?: Uint8Array;
  /** A normal form of Unicode instead of a map. */
  readonly form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD';
  /** Adds a space before a text, also between added tokens; 'missing': if it does not begin with one; 'first': so at the beginning only. */
  readonly prefix: boolean | 'missing' | 'first';
  /** Removes spaces at both ends, and all but one of several. */
  readonly removeExtra: boolean;
  /** Writes ▁ for spaces. */
  readonly escapeSpaces: boolean;
  /** Adds the space after the text instead. */
  readonly suffix?: boolean;
}

interface Pieces extends Shared {
  /** Type of each piece, of {@link PIECE}. */
  readonly types: ArrayLike<number>;
  readonly normalisation: PieceNormalisation;
  /** What unknown ids are decoded to (' ⁇ '). */
  readonly unknownText?: string;
}

/** SentencePiece's unigram model: the pieces with the largest sum of scores (Kudo 2018). */
export interface UnigramData extends Pieces {
  readonly kind: 'unigram';
  /** Log probability of each piece. */
  readonly scores: ArrayLike<number>;
}

/** SentencePiece's byte-pair encoding, over characters. */
export interface PieceMergesData extends Pieces {
  readonly kind: 'pieceMerges';
  /** Neighbours that make the piece of the highest score are merged first … */
  readonly scores?: ArrayLike<number>;
  /** … or those that come first in a list of pairs of ids with the id that they make, three numbers each. */
  readonly merges?: ArrayLike<number>;
}

/** BERT's word pieces: the longest match (Wu et al. 2016). */
export interface WordPieceData extends Shared {
  readonly kind: 'wordPiece';
  /** What pieces that continue a word begin with ('##'). */
  readonly continuing: string;
  /** Longer words are unknown. */
  readonly longest: number;
  /** Drops control characters, and makes all white space spaces. */
  readonly clean: boolean;
  /** Makes each Chinese character a word. */
  readonly chinese: boolean;
  readonly lowerCase: boolean;
  readonly stripAccents: boolean;
  /** Whether decoding removes spaces before punctuation. */
  readonly tidy: boolean;
}

/** Byte-pair encoding over bytes, within the parts of a split text (Radford et al. 2019). `pieces` have one character for each byte. */
export interface ByteMergesData extends Shared {
  readonly kind: 'byteMerges';
  /** Regular expressions: each splits the parts that those before it left. */
  readonly patterns: readonly string[];
  /** Pairs of ids with the id that they make, three numbers each, in order; without a list, the lowest id that two neighbours make. */
  readonly merges?: ArrayLike<number>;
  /** Whether parts that are pieces themselves are not merged. */
  readonly whole: boolean;
  /** A normal form of Unicode. */
  readonly form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD';
  /** Adds a space before a text that does not begin with one. */
  readonly prefix: boolean;
}

/** A tokeniser as plain data. */
export type TokeniserData = UnigramData | PieceMergesData | WordPieceData | ByteMergesData;
