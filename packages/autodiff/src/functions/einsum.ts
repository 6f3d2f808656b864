import { described, isTensor, notTensor } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { matmul } from '../ops/matmul.ts';
import { sum } from '../ops/reductions.ts';
import { permute, reshape, slice } from '../ops/views.ts';
import { sizeOf } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/** A tensor with distinct letters for its axes. */
interface Lettered {
  readonly x: Tensor;
  readonly letters: readonly string[];
}

/** A letter that occurs twice in an operand selects its diagonal. */
function withoutRepeats({ x, letters }: Lettered): Lettered {
  const at = letters.findIndex((l, d) => letters.indexOf(l) !== d);
  if (at < 0) return { x, letters };
  const first = letters.indexOf(letters[at]);
  const rest = letters.flatMap((_, d) => (d === first || d === at ? [] : [d]));
  const n = x.shape[at];
  const flat = reshape(permute(x, [...rest, first, at]), [...rest.map((d) => x.shape[d]), n * n]);
  const diagonal = slice(flat, ...rest.map(() => undefined), [0, undefined, n + 1]);
  return withoutRepeats({ x: diagonal, letters: [...rest.map((d) => letters[d]), letters[at]] });
}

/** Sums over the letters that are no longer needed. */
function summed({ x, letters }: Lettered, wanted: ReadonlySet<string>): Lettered {
  const gone = letters.flatMap((l, d) => (wanted.has(l) ? [] : [d]));
  return gone.length === 0 ? { x, letters } : { x: sum(x, gone), letters: letters.filter((l) => wanted.has(l)) };
}

/** Permutes the axes to the given order of letters. */
const inOrder = ({ x, letters }: Lettered, order: readonly string[]): Tensor =>
  permute(
    x,
    order.map((l) => letters.indexOf(l)),
  );

/** Contracts two operands by a batched matrix product. */
function joined(a: Lettered, b: Lettered, wanted: ReadonlySet<string>): Lettered {
  const left = summed(a, new Set([...wanted, ...b.letters]));
  const right = summed(b, new Set([...wanted, ...a.letters]));
  const both = left.letters.filter((l) => right.letters.includes(l));
  const batch = both.filter((l) => wanted.has(l));
  const inner = both.filter((l) => !wanted.has(l));
  const rows = left.letters.filter((l) => !both.includes(l));
  const cols = right.letters.filter((l) => !both.includes(l));
  const lengths = (part: readonly string[], { x, letters }: Lettered) => part.map((l) => x.shape[letters.indexOf(l)]);
  const letters = [...batch, ...rows, ...cols];
  if (inner.length === 0 && (rows.length === 0 || cols.length === 0)) {
    // Without summation: an elementwise product with broadcasting.
    const spread = (t: Lettered) =>
      reshape(
        inOrder(
          t,
          letters.filter((l) => t.letters.includes(l)),
        ),
        letters.map((l) => (t.letters.includes(l) ? t.x.shape[t.letters.indexOf(l)] : 1)),
      );
    return { x: o.mul(spread(left), spread(right)), letters };
  }
  const [nb, ni] = [lengths(batch, left), sizeOf(lengths(inner, left))];
  const [nr, nc] = [lengths(rows, left), lengths(cols, right)];
  const p = reshape(inOrder(left, [...batch, ...rows, ...inner]), [...nb, sizeOf(nr), ni]);
  const q = reshape(inOrder(right, [...batch, ...inner, ...cols]), [...nb, ni, sizeOf(nc)]);
  return { x: reshape(matmul(p, q), [...nb, ...nr, ...nc]), letters };
}

/**
 * Einstein summation: `einsum('bij,bjk->bik', a, b)` multiplies elements with equal indices and sums over the letters that the result does not
 * name; without `->` the result has the letters that occur once, in alphabetical order. Operands are contracted from left to right,
 * by batched matrix products.
 * @throws INVALID_PARAMETER if the letters do not match the operands; INVALID_SHAPE if a letter has two lengths.
 */
export function einsum(formula: string, ...operands: readonly Tensor[]): Tensor {
  if (typeof formula !== 'string')
    refuse('einsum', `the formula is ${described(formula)}, not a text such as 'ij,jk->ik'.`);
  operands.forEach((x, i) => {
    if (!isTensor(x)) notTensor('einsum', `operand ${i + 1}`, x);
  });
  const [left, right, more] = formula.replaceAll(/\s/g, '').split('->');
  const parts = left.split(',');
  if (more !== undefined || !/^[a-zA-Z,]*$/.test(left) || (right !== undefined && !/^[a-zA-Z]*$/.test(right))) {
    refuse(
      'einsum',
      `'${formula}' is not a valid formula: letters for axes, commas between operands, -> before the result, as in 'ij,jk->ik'.`,
    );
  }
  if (parts.length !== operands.length)
    refuse('einsum', `'${formula}' has ${parts.length} operands, but ${operands.length} were given.`);
  const lengths = new Map<string, number>();
  const given = operands.map((x, i): Lettered => {
    const letters = [...parts[i]];
    if (letters.length !== x.rank)
      misfit('einsum', [x], `'${parts[i]}' has ${letters.length} letters for ${x.rank} axes.`);
    letters.forEach((l, d) => {
      const known = lengths.get(l) ?? x.shape[d];
      if (known !== x.shape[d]) misfit('einsum', operands, `'${l}' has both length ${known} and length ${x.shape[d]}.`);
      lengths.set(l, known);
    });
    return withoutRepeats({ x, letters });
  });
  const all = [...left].filter((l) => l !== ',');
  const result =
    right === undefined ? [...new Set(all)].filter((l) => all.indexOf(l) === all.lastIndexOf(l)).sort() : [...right];
  const unknown = result.find((l) => !lengths.has(l)) ?? result.find((l, d) => result.indexOf(l) !== d);
  if (unknown)
    refuse('einsum', `the result '${result.join('')}' of '${formula}' names '${unknown}' twice, or no operand has it.`);
  let found = given[0];
  for (let i = 1; i < given.length; i++) {
    found = joined(found, given[i], new Set([...result, ...given.slice(i + 1).flatMap((t) => t.letters)]));
  }
  return inOrder(summed(found, new Set(result)), result);
}
