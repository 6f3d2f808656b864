import * as ad from '../../index.ts';
import { type Call, int, type Operator, type Val } from './call.ts';

// Operators on the bits of integers, which are computed as doubles: exact up to 53 bits.

/** Bits that doubles hold. */
const MOST = 53;
const bitsOf = (type: string | undefined): number | undefined =>
  type === undefined ? undefined : Number(/^[iu](\d+)$/.exec(type)?.[1] ?? Number.NaN);

const half = (x: ad.Tensor): ad.Tensor => ad.floor(ad.mul(x, 0.5));
const least = (x: ad.Tensor, rest: ad.Tensor): ad.Tensor => ad.sub(x, ad.mul(rest, 2));

/** A function of two bits, bit by bit; what is left of a negative number after all its bits is −1, as in two's complement. */
const bitwise =
  (f: (a: ad.Tensor, b: ad.Tensor) => ad.Tensor): Operator =>
  (c) => {
    const type = c.x(0).type ?? c.x(1).type;
    let [a, b] = [c.x(0).t, c.x(1).t];
    let [total, place] = [ad.full([], 0, 'f64'), 1];
    for (let k = 0; k < Math.min(MOST, bitsOf(type) ?? MOST); k++) {
      const [restA, restB] = [half(a), half(b)];
      total = ad.add(total, ad.mul(f(least(a, restA), least(b, restB)), place));
      [a, b, place] = [restA, restB, 2 * place];
    }
    return typed(ad.sub(total, ad.mul(f(ad.neg(a), ad.neg(b)), place)), type);
  };
const typed = (t: ad.Tensor, type: string | undefined): Val => ({ ...int(t), ...(type === undefined ? {} : { type }) });

/** 2 to the power of integers from 0 to 63, exactly. */
function powerOfTwo(k: ad.Tensor): ad.Tensor {
  let [left, y] = [k, ad.full([], 1, 'f64')];
  for (let j = 0; j < 6; j++) {
    const rest = half(left);
    y = ad.mul(y, ad.where(least(left, rest), ad.full([], 2 ** (2 ** j), 'f64'), ad.full([], 1, 'f64')));
    left = rest;
  }
  return y;
}

function shifted(c: Call): Val {
  const { t, type } = c.x(0);
  const by = powerOfTwo(c.x(1).t);
  if (c.text('direction', '') === 'RIGHT') return typed(ad.floor(ad.div(t, by)), type);
  // What is shifted beyond the bits of the type is lost.
  const all = 2 ** (bitsOf(type) ?? 64);
  const y = ad.mul(t, by);
  return typed(ad.sub(y, ad.mul(ad.floor(ad.div(y, all)), all)), type);
}

function inverted(c: Call): Val {
  const { t, type } = c.x(0);
  if (type === undefined) c.refuse('the element type of its input, which its result depends on, is not known.');
  return typed(ad.sub(type?.startsWith('u') ? 2 ** (bitsOf(type) ?? 64) - 1 : -1, t), type);
}

/** Operators on bits by name. */
export const bits: Readonly<Record<string, Operator>> = {
  BitwiseAnd: bitwise(ad.mul),
  BitwiseOr: bitwise(ad.maximum),
  BitwiseXor: bitwise((a, b) => ad.abs(ad.sub(a, b))),
  ...{ BitwiseNot: inverted, BitShift: shifted },
};
