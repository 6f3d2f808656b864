import * as ad from '../../index.ts';
import { bool, type Call, classed, float, int, type Operator, type Val } from './call.ts';
import { CASTS } from './shapes.ts';

// Random numbers. They are the same in every run: those of the seed of the node, or else of its name.

function keyOf(c: Call): ad.Tensor {
  const seed = c.real1('seed', Number.NaN);
  if (Number.isFinite(seed)) return ad.randomKey(Math.abs(Math.trunc(seed)) % 2 ** 31);
  let hash = 0;
  for (const letter of c.where) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) & 0x7fffffff;
  return ad.randomKey(hash);
}

const shapeOf = (c: Call): readonly number[] =>
  c.shape(c.op.endsWith('Like') ? c.x(0).t.shape : (c.list('shape') ?? c.refuse('it has no shape.')));

function normal(c: Call): Val {
  const z = ad.randomNormal(keyOf(c), shapeOf(c), c.real);
  return float(ad.add(ad.mul(z, c.real1('scale', 1)), c.real1('mean', 0)));
}

function uniform(c: Call): Val {
  const [low, high] = [c.real1('low', 0), c.real1('high', 1)];
  return float(ad.add(ad.mul(ad.randomUniform(keyOf(c), shapeOf(c), c.real), high - low), low));
}

function bernoulli(c: Call): Val {
  const p = c.float(0);
  const drawn = bool(ad.less(ad.randomUniform(keyOf(c), p.shape, c.real), p));
  return classed(drawn, CASTS[c.int('dtype', 1)] ?? 'float', c.real);
}

/** Classes drawn from rows of logarithms of probabilities. */
function multinomial(c: Call): Val {
  const x = c.float(0);
  const count = c.int('sample_size', 1);
  c.shape([x.shape[0], count, x.shape[1]]);
  const rows = ad.broadcastTo(ad.expandDims(x, 1), [x.shape[0], count, x.shape[1]]);
  return int(ad.randomCategorical(keyOf(c), rows));
}

/** Operators that draw random numbers by name. */
export const randoms: Readonly<Record<string, Operator>> = {
  ...{ RandomNormal: normal, RandomNormalLike: normal, RandomUniform: uniform, RandomUniformLike: uniform },
  ...{ Bernoulli: bernoulli, Multinomial: multinomial },
};
