import * as ad from '../../index.ts';
import { type Call, float, type Val } from './call.ts';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** An axis of a tensor that `...` stands for: its letter, its place, and its length. */
interface Further {
  readonly letter: string;
  readonly axis: number;
  readonly length: number;
}

/** The axes that `...` stands for in a part of an equation; letters are given to them from the last one on. */
function further(part: string, { rank, shape }: ad.Tensor, free: readonly string[]): readonly Further[] {
  const from = part.indexOf('...');
  const count = rank - (part.length - 3);
  if (from < 0 || count <= 0) return [];
  return free.slice(-count).map((letter, i) => ({ letter, axis: from + i, length: shape[from + i] }));
}

/** Einsum, with letters in the place of `...`, whose axes broadcast. */
export function einsum(c: Call): Val {
  const equation = c.text('equation', '').replaceAll(/\s/g, '');
  const given = c.all().map((_, i) => c.float(i));
  const [left, right] = equation.split('->');
  const parts = left.split(',');
  if (!left.includes('...') || parts.length !== given.length) return float(ad.einsum(equation, ...given));
  const named = LETTERS.filter((l) => left.includes(l));
  const most = Math.max(0, ...given.map((x, i) => (parts[i].includes('...') ? x.rank - (parts[i].length - 3) : 0)));
  const free = LETTERS.filter((l) => !named.includes(l)).slice(0, most);
  const all = given.map((x, i) => further(parts[i], x, free));
  // An axis of length 1 is left out where another tensor has a longer one.
  const long = new Set(all.flat().flatMap(({ letter, length }) => (length > 1 ? [letter] : [])));
  const each = given.map((x, i) => {
    const gone = all[i].filter(({ letter, length }) => length === 1 && long.has(letter));
    const kept = all[i].filter((one) => !gone.includes(one)).map(({ letter }) => letter);
    const shape = x.shape.filter((_, d) => !gone.some(({ axis }) => axis === d));
    return { x: ad.reshape(x, shape), part: parts[i].replace('...', kept.join('')) };
  });
  const once = named.filter((l) => left.indexOf(l) === left.lastIndexOf(l)).sort();
  const result = (right ?? `...${once.join('')}`).replace('...', free.join(''));
  return float(ad.einsum(`${each.map(({ part }) => part).join(',')}->${result}`, ...each.map(({ x }) => x)));
}
