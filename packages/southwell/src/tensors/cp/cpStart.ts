import { fail, Random } from '@southwell/numerics/core';
import { Memory } from '../memory.ts';
import type { initTitles } from '../records.ts';
import type { SparseTensor } from '../sparseTensor.ts';
import { type Shape, sizeOf, Tensor } from '../tensor.ts';
import { roughHosvd } from '../tucker/hosvd.ts';
import { leadingOf } from '../tucker/subspaces.ts';
import { AcceleratedSweeps, balance, type Flat, factorsOf, flatLength } from './accelerated.ts';
import { DenseCp } from './cpProblem.ts';

export type CpInit = keyof typeof initTitles;

/** Maximum number of values for an initialisation from unfoldings. */
const LOOKED_AT = 4_000_000;
/** Oversampling of the compressed tensor, and the minimum factor by which it must be smaller. */
const BEYOND = 2;
const SMALLER = 8;
/** Sweeps on the compressed tensor. */
const SMALL_SWEEPS = 200;
/** Relative decreases of the squared residual below this are left to sweeps on the full tensor. */
const SMALL_GAIN = 1e-5;

interface StartOptions {
  readonly rank: number;
  readonly nonNegative: boolean;
  readonly init?: CpInit;
  readonly seed: number;
  /** Whether values of a dense tensor are missing. */
  readonly gaps?: boolean;
}

/**
 * Initial point of restart number `at`, from 0: the first according to `init`, all others random. @throws
 * INVALID_PARAMETER.
 */
export function startsOf(tensor: Tensor | SparseTensor, options: StartOptions): (at: number) => Flat {
  const size = sizeOf(tensor.shape);
  const init = options.init ?? (size <= LOOKED_AT ? 'hosvd' : 'random');
  if (init === 'hosvd' && tensor.kind === 'sparse' && size > LOOKED_AT) {
    fail(
      'INVALID_PARAMETER',
      `The unfoldings of a ${tensor.shape.join(' × ')} tensor are too large for init 'hosvd'; use init 'random'.`,
    );
  }
  const plain = startOf(tensor, init, options);
  if (tensor.kind === 'sparse' || options.gaps || options.nonNegative) return plain;
  const small = smallOf(tensor, options);
  return small ? (at) => small.expand(small.improve(startOf(small.core, init, options)(at), options.rank)) : plain;
}

function startOf(tensor: Tensor | SparseTensor, init: CpInit, { rank, nonNegative, seed, gaps }: StartOptions) {
  const { shape } = tensor;
  return (at: number): Flat => {
    const random = new Random(seed).split(at);
    const out = new Float64Array(flatLength(shape, rank)).map(() => (nonNegative ? random.uniform() : random.normal()));
    const factors = factorsOf(out, shape, rank);
    if (at === 0 && init === 'hosvd') {
      const dense = tensor.kind === 'sparse' || gaps ? filled(tensor) : tensor;
      factors.forEach((A, k) => {
        const most = Math.min(rank, shape[k], sizeOf(shape) / shape[k]);
        const { vectors } = leadingOf(dense, k, { rank: most });
        const least = 1e-3;
        for (let e = 0; e < shape[k] * most; e++) {
          A[e] = nonNegative ? Math.max(Math.abs(vectors.data[e]), least * random.uniform()) : vectors.data[e];
        }
        vectors.free();
      });
    }
    balance(out, shape, rank);
    return out;
  };
}

/** The dense tensor, with missing values replaced by the mean of the known ones. */
function filled(tensor: Tensor | SparseTensor): Tensor {
  const { data, shape } = tensor.kind === 'sparse' ? tensor.toDense() : tensor;
  let [sum, count] = [0, 0];
  for (let e = 0; e < data.length; e++) {
    if (Number.isNaN(data[e])) continue;
    sum += data[e];
    count++;
  }
  const [out, mean] = [data.slice(), sum / count];
  for (let e = 0; e < out.length; e++) if (Number.isNaN(out[e])) out[e] = mean;
  return new Tensor(shape, out);
}

interface Small {
  readonly core: Tensor;
  improve(start: Flat, rank: number): Flat;
  expand(small: Flat): Flat;
}

/** The tensor compressed to its leading vectors, if that is much smaller. */
function smallOf(tensor: Tensor, { rank, seed }: StartOptions): Small | undefined {
  const { shape } = tensor;
  const ranks = shape.map((n) => Math.min(n, rank + BEYOND));
  for (const [k, r] of ranks.entries()) ranks[k] = Math.min(r, sizeOf(ranks) / r);
  if (SMALLER * sizeOf(ranks) > sizeOf(shape) || tensor.data.every((v) => v === 0)) return undefined;
  const { core, factors: bases } = roughHosvd(tensor, ranks, 3, seed);
  return {
    core,
    improve(start, r) {
      const memory = new Memory(core.data.length);
      try {
        const sweeps = new AcceleratedSweeps(new DenseCp(core, r, false, memory), false, start);
        for (let t = 0, slow = 0; t < SMALL_SWEEPS && slow < 3; t++) {
          const before = sweeps.now.squares;
          sweeps.step();
          slow = before - sweeps.now.squares > SMALL_GAIN * before ? 0 : slow + 1;
        }
        return sweeps.now.best;
      } finally {
        memory.free();
      }
    },
    expand(small) {
      const out = new Float64Array(flatLength(shape, rank));
      const [to, from] = [factorsOf(out, shape, rank), factorsOf(small, core.shape as Shape, rank)];
      bases.forEach((U, k) => {
        const m = core.shape[k];
        for (let a = 0; a < rank; a++) {
          for (let b = 0; b < m; b++) {
            const c = from[k][a * m + b];
            for (let i = 0; i < shape[k]; i++) to[k][a * shape[k] + i] += c * U.data[b * shape[k] + i];
          }
        }
      });
      return out;
    },
  };
}
