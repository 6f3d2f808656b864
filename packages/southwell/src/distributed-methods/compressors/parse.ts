import { fail, nearestName } from '@southwell/numerics/core';
import type { Compressor } from './compressor.ts';
import { identity } from './dense.ts';
import { f16 } from './half.ts';
import { induced } from './induced.ts';
import { lowRank } from './lowRank.ts';
import type { Precision } from './message.ts';
import { natural, qsgd } from './quantised.ts';
import { scaledSign } from './sign.ts';
import { randK, topK } from './sparse.ts';

/** The words after the name of a compressor. */
interface Spelled {
  readonly text: string;
  readonly value: string | undefined;
  readonly words: readonly string[];
}

interface Entry {
  /** How it is spelled. */
  readonly form: string;
  readonly value: boolean;
  /** Words that may follow the value after colons. */
  readonly words: RegExp;
  make(spelled: Spelled): Compressor;
}

/** @throws INVALID_PARAMETER. */
function number({ text, value }: Spelled): number {
  const found = value ? Number(value) : Number.NaN;
  if (Number.isNaN(found)) fail('INVALID_PARAMETER', `${text}: '${value}' is not a number.`);
  return found;
}

const precision = ({ words }: Spelled): { values?: Precision } => {
  const found = words.find((word) => word === 'f32' || word === 'f64');
  return found ? { values: found as Precision } : {};
};

const PRECISION = /^f(32|64)$/;
const NO_WORDS = /^\b$/;

/** In the order in which messages list them. */
const entries: Readonly<Record<string, Entry>> = {
  identity: { form: 'identity', value: false, words: NO_WORDS, make: identity },
  f16: { form: 'f16', value: false, words: NO_WORDS, make: f16 },
  'top-k': {
    form: 'top-k=K, with a count or a share of the entries, and optionally :f64',
    value: true,
    words: PRECISION,
    make: (spelled) => topK(number(spelled), precision(spelled)),
  },
  'rand-k': {
    form: 'rand-k=K, with a count or a share of the entries, and optionally :unscaled and :f64',
    value: true,
    words: /^(f(32|64)|unscaled)$/,
    make: (spelled) =>
      randK(number(spelled), {
        ...precision(spelled),
        ...(spelled.words.includes('unscaled') && { scaled: false }),
      }),
  },
  sign: {
    form: 'sign, and optionally :f64',
    value: false,
    words: PRECISION,
    make: (spelled) => scaledSign(precision(spelled)),
  },
  qsgd: { form: 'qsgd=LEVELS', value: true, words: NO_WORDS, make: (spelled) => qsgd(number(spelled)) },
  natural: { form: 'natural', value: false, words: NO_WORDS, make: natural },
  'low-rank': {
    form: 'low-rank=RANK, and optionally :ROWSxCOLUMNS, or the shapes of several arrays with commas, and :f64',
    value: true,
    words: /^(f(32|64)|\d+(x\d+)?(,\d+(x\d+)?)*)$/,
    make(spelled) {
      const shapes = spelled.words
        .find((word) => !PRECISION.test(word))
        ?.split(',')
        .map((shape) => shape.split('x').map(Number));
      if (!shapes) return lowRank(number(spelled), precision(spelled));
      const [[rows, columns]] = shapes;
      const sizes = shapes.length === 1 && columns !== undefined ? { shape: [rows, columns] as const } : { shapes };
      return lowRank(number(spelled), { ...precision(spelled), ...sizes });
    },
  },
};

const INDUCED = 'induced=FIRST+SECOND, with two of the others, the second unbiased';

/** The names of the compressors. */
export const compressorNames: readonly string[] = [...Object.keys(entries), 'induced'];

/**
 * The compressor of a text such as `top-k=0.1`, `rand-k=10:unscaled`, `sign`, `qsgd=4`, `low-rank=2:64x32:f64`, `low-rank=2:64x32,64` or
 * `induced=top-k=0.1+rand-k=0.1`; its `name` is understood again.
 * @throws INVALID_PARAMETER with what is wrong, and how it is spelled.
 */
export function compressorOf(text: string): Compressor {
  const equals = text.indexOf('=');
  const [head, ...more] = (equals < 0 ? text : text.slice(0, equals)).split(':');
  if (head === 'induced') {
    const parts = equals < 0 ? [] : text.slice(equals + 1).split('+');
    if (parts.length !== 2 || more.length > 0) failForm(text, INDUCED);
    return induced(compressorOf(parts[0]), compressorOf(parts[1]));
  }
  if (!Object.hasOwn(entries, head)) {
    const near = nearestName(head, compressorNames);
    const rest = near ? `did you mean '${near}'?` : `there are ${compressorNames.join(', ')}.`;
    fail('INVALID_PARAMETER', `There is no compressor '${head}'; ${rest}`);
  }
  const entry = entries[head];
  const parts = equals < 0 ? [] : text.slice(equals + 1).split(':');
  const [value, after]: [string | undefined, string[]] = [parts[0], parts.slice(1)];
  const words = [...more, ...after];
  const wrong = words.some((word) => !entry.words.test(word)) || (value !== undefined && more.length > 0);
  if (wrong || (value !== undefined) !== entry.value) failForm(text, entry.form);
  return entry.make({ text, value, words });
}

/** @throws INVALID_PARAMETER. */
function failForm(text: string, form: string): never {
  fail('INVALID_PARAMETER', `'${text}' is not how a compressor is spelled: ${form}.`);
}
