import { nulls } from '../verdicts/nulls.ts';
import type { Method } from './lab.ts';
import { record } from './record.ts';
import { attacksAlone, boundedLbfgs, directSearch, type interiorPoint, randomLineSearch } from './rivals.ts';

const lab = { module: 'papers/22-directional-attacks/lab', name: 'libraryMethod' } as const;
const interior = { module: 'papers/22-directional-attacks/rivals', name: 'interiorPoint' } as const;
const steps = 'southwell/black-box/directional';

/** The starting point, and nothing after it. */
const still: Method = function* (problem) {
  const { network, objective, constraints, x0 } = problem;
  const y = Float64Array.from(network.value(x0));
  const violated = Array.from(constraints?.value(x0, y) ?? [], (c) => Math.max(c, 0) ** 2);
  yield { passes: 1, points: 1, f: violated.reduce((a, b) => a + b, objective.value(y)), x: x0 };
};

export default nulls(record, [
  {
    id: 'start',
    says: 'with the starting point as the answer',
    kinds: ['nothing'],
    claims: ['fewer-evaluations', 'no-stall', 'bio-diesel', 'mixture', 'counterfactual', 'kinks'],
    ...lab,
    by: (): Method => still,
  },
  {
    id: 'interior-start',
    says: 'with the starting point as the answer of interior points',
    kinds: ['nothing'],
    claims: ['true-optimum'],
    ...interior,
    by: (): typeof interiorPoint => () => still,
  },
  {
    id: 'direct-search',
    says: 'with direct search in place of the hybrid',
    kinds: ['baseline'],
    claims: ['fewer-evaluations', 'no-stall', 'mixture', 'counterfactual'],
    ...lab,
    by: (): Method => directSearch,
  },
  {
    id: 'line-search',
    says: 'with the random line search in place of the hybrid',
    kinds: ['baseline'],
    claims: ['bio-diesel'],
    ...lab,
    by: (): Method => randomLineSearch,
  },
  {
    id: 'attacks-alone',
    says: 'with attacks alone in place of the hybrid',
    kinds: ['baseline'],
    claims: ['kinks'],
    ...lab,
    by: (): Method => attacksAlone,
  },
  {
    id: 'penalty',
    says: 'with L-BFGS-B on the penalty in place of interior points on the constraint',
    kinds: ['baseline', 'ingredient'],
    claims: ['true-optimum'],
    ...interior,
    by: (): typeof interiorPoint => () => boundedLbfgs,
  },
  {
    id: 'no-attack',
    says: 'without the attack step',
    kinds: ['ingredient'],
    claims: ['fewer-evaluations', 'bio-diesel', 'mixture', 'counterfactual'],
    module: `${steps}/attack`,
    name: 'attack',
    by: () => (_: unknown, x: ArrayLike<number>) => new Float64Array(x.length),
  },
  {
    id: 'no-covering',
    says: 'without the covering step',
    kinds: ['ingredient'],
    claims: ['no-stall'],
    module: `${steps}/coveringPoint`,
    name: 'coveringPoint',
    by: () => (n: number) => new Float64Array(n),
  },
  {
    id: 'axes',
    says: 'with polls along the axes, never rotated',
    kinds: ['ingredient'],
    claims: ['no-stall', 'kinks'],
    module: `${steps}/pollDirections`,
    name: 'pollDirections',
    by: () =>
      function* (n: number, poll: 'n+1' | '2n'): Generator<Float64Array> {
        const axis = (i: number, sign: number) => Float64Array.from({ length: n }, (_, j) => (i === j ? sign : 0));
        for (let i = 0; i < n; i++) yield axis(i, 1);
        if (poll === 'n+1') yield new Float64Array(n).fill(-1);
        else for (let i = 0; i < n; i++) yield axis(i, -1);
      },
  },
]);
