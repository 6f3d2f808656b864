import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Random } from '@southwell/numerics/core';

// Strings to compare tokenisers on.

/** Sentences of several scripts. */
export const SENTENCES: readonly string[] = [
  'The quick brown fox jumps over the lazy dog, and doesn’t look back; it’s gone.',
  "She said: 'I'll go, we've been there, they're late.'",
  'Falsches Üben von Xylophonmusik quält jeden größeren Zwerg.',
  'Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis.',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Ο ΣΊΣΥΦΟΣ.',
  'Съешь же ещё этих мягких французских булок, да выпей чаю.',
  'いろはにほへと ちりぬるを。ガガ ｶﾞ',
  '天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。',
  'נוסחה של אדם שמח',
  'صِف خَلقَ خَودِ كَمِثلِ الشَمسِ إِذ بَزَغَت',
  'ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण',
  'เป็นมนุษย์สุดประเสริฐเลิศคุณค่า',
  '다람쥐 헌 쳇바퀴에 타고파',
  'for (let i = 0; i < n; i++) { sum += x[i] ** 2; } // O(n)',
  'https://example.org/a?b=c&d=%20#e',
];

/** What sentences seldom have. */
const ODDITIES: readonly string[] = [
  ...[
    '',
    ' ',
    '  ',
    '\t',
    '\n',
    '\r\n',
    '\n\n\n',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\ufeff',
    '\u200b',
    '\u200d',
    '\u00ad',
  ],
  ...['\u0000', '\u0001', '\u001b[2J', '\u007f', '\u0085', '\ud800', '\udc00', '\ufffd', '\uffff', '\ue000'],
  ...['👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👍🏽', '🇩🇪', '❤️', '𝔘𝔫𝔦', '𐍈', '𠀀', '𪚥'],
  ...[
    'e\u0301',
    'é',
    'a\u0300\u0301\u0302\u0303',
    '\u0301',
    'ﬁ',
    'Å',
    'ẛ̣',
    'ｈｅｌｌｏ',
    '①',
    'ǅ',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'ſ',
    "'ſ",
    'Σ',
    'ς',
  ],
  ...['0', '1234567890', '3.14159', '1,000,000', '½', '²', '٣', '一二三', 'Ⅷ', '-7', '1e-5'],
  ...['▁', '▁▁', '<unk>', '<s>', '</s>', '<0x0A>', '<|endoftext|>', '[CLS]', '[MASK]', '[UNK]', '##a', '##'],
  ...["'", '"', '`', '...', '!!!', '?!', '—', '_', '__init__', '\\', '\\n', '%s', '$', '€', '^', '~'],
  ...['a'.repeat(150), 'ab'.repeat(200), 'Donaudampfschifffahrtsgesellschaft', '字'.repeat(120), '    '.repeat(20)],
];

/** Odd strings, the same for a seed: parts of sentences and oddities, and any characters of Unicode. */
export function oddStrings(count: number, seed: number): string[] {
  const random = new Random(seed);
  const below = (n: number): number => Math.floor(random.uniform() * n);
  const one = (): string => {
    const kind = random.uniform();
    if (kind < 0.45) {
      const sentence = SENTENCES[below(SENTENCES.length)];
      const from = below(sentence.length);
      return sentence.slice(from, from + 1 + below(30));
    }
    if (kind < 0.8) return ODDITIES[below(ODDITIES.length)];
    if (kind < 0.9) return ' '.repeat(1 + below(3));
    const point = kind < 0.95 ? below(0x3000) : below(0x110000);
    return String.fromCodePoint(point);
  };
  return Array.from({ length: count }, (_, k) => {
    if (k < ODDITIES.length) return ODDITIES[k];
    if (k < ODDITIES.length + SENTENCES.length) return SENTENCES[k - ODDITIES.length];
    return Array.from({ length: 1 + below(8) }, one).join('');
  });
}

/** What SentencePiece's own program makes of strings by a model that it has trained. */
export interface TrainedPieces {
  /** The model's file in base64. */
  readonly model: string;
  readonly ids: number[][];
  /** Text of these ids. */
  readonly decoded: string[];
  /** Text of the ids that were asked for. */
  readonly some: string[];
}

/** Models of SentencePiece that python3-sentencepiece trains; undefined where it is absent. */
export function trainedPieces(asked: {
  readonly text: string;
  readonly strings: readonly string[];
  readonly some: ReadonlyArray<readonly number[]>;
  readonly models: readonly object[];
}): TrainedPieces[] | undefined {
  const script = fileURLToPath(new URL('peers/pieces.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [script], {
    ...{ input: JSON.stringify(asked), encoding: 'utf8', maxBuffer: 1 << 28 },
  });
  if (status === 0) return JSON.parse(stdout) as TrainedPieces[];
  if (stderr && !/No module named/.test(stderr)) throw new Error(stderr);
  return undefined;
}

/** The strings of which two computations differ, with what these give: none, if all is well. */
export function differing(
  strings: readonly string[],
  ours: (text: string, k: number) => unknown,
  theirs: (text: string, k: number) => unknown,
): unknown[] {
  const plain = (value: unknown): string =>
    JSON.stringify(typeof value === 'object' && value !== null ? Array.from(value as ArrayLike<unknown>) : value);
  return strings.flatMap((text, k) => {
    const [a, b] = [plain(ours(text, k)), plain(theirs(text, k))];
    return a === b ? [] : [{ text, ours: a, theirs: b }];
  });
}
