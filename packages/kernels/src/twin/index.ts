import type { Kernels } from '../generated/kernels.ts';
import type { Heap } from '../heap.ts';
import { bulge } from './bulge.ts';
import { cells } from './cells.ts';
import { cholesky } from './cholesky.ts';
import { coarsening } from './coarsening.ts';
import { columns } from './columns.ts';
import { descent } from './descent.ts';
import { direct } from './direct.ts';
import { elementwise } from './elementwise.ts';
import { faces } from './faces.ts';
import { factors } from './factors.ts';
import { fourier } from './fourier.ts';
import { gathers } from './gathers.ts';
import { gemm } from './gemm.ts';
import { gradient } from './gradient.ts';
import { gram } from './gram.ts';
import { graphs } from './graphs.ts';
import { groupDescent } from './groupDescent.ts';
import { incomplete } from './incomplete.ts';
import { klDescent } from './klDescent.ts';
import { level1 } from './level1.ts';
import { level2 } from './level2.ts';
import { logistic } from './logistic.ts';
import { mixture } from './mixture.ts';
import { moments } from './moments.ts';
import { multigrid } from './multigrid.ts';
import { neighbours } from './neighbours.ts';
import { packed } from './packed.ts';
import { pairs } from './pairs.ts';
import { passes } from './passes.ts';
import { penalties } from './penalties.ts';
import { recurrent } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { rows } from './rows.ts';
import { sketch } from './sketch.ts';
import { smallest } from './smallest.ts';
import { sparse } from './sparse.ts';
import { squared } from './squared.ts';
import { sweeps } from './sweeps.ts';
import { training } from './training.ts';
import { triangular } from './triangular.ts';
import { windows } from './windows.ts';

/** Every kernel in plain TypeScript: the oracle of the tests and the fallback where WebAssembly SIMD is missing. */
export function twinKernels(heap: Heap): Kernels {
  const [ofDescent, ofCholesky] = [descent(heap), cholesky(heap)];
  return {
    ...cells(heap),
    ...coarsening(heap),
    ...columns(heap),
    ...graphs(heap),
    ...direct(heap),
    ...level1(heap),
    ...ofDescent,
    ...groupDescent(heap),
    ...packed(heap),
    ...level2(heap),
    ...sparse(heap),
    ...sweeps(heap),
    ...gemm(heap),
    ...gram(heap),
    ...ofCholesky,
    ...faces(heap, { ...ofDescent, ...ofCholesky }),
    ...logistic(heap),
    ...squared(heap),
    ...moments(heap),
    ...multigrid(heap),
    ...neighbours(heap),
    ...pairs(heap),
    ...passes(heap),
    ...penalties(),
    ...sketch(heap),
    ...smallest(heap),
    ...factors(heap),
    ...incomplete(heap),
    ...klDescent(heap),
    ...gradient(heap),
    ...mixture(heap),
    ...windows(heap),
    ...recurrent(heap),
    ...rows(heap),
    ...reductions(heap),
    ...gathers(heap),
    ...elementwise(heap),
    ...fourier(heap),
    ...training(heap),
    ...triangular(heap),
    ...bulge(heap),
  };
}
