// Problems and programs for tests, on threads and under mpirun, where each rank writes its results to a file.
import { writeFileSync } from 'node:fs';
import { type Communicator, complete, mpi, type Ranks, type Request } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import type { Client } from '../feedback/index.ts';
import { barbellGraph, randomGeometricGraph } from '../graphs/index.ts';
import { type DadaoSettings, dadaoProgram } from './index.ts';

/** f_i = ½ Σ h_j (x_j − b_ij)² with curvatures h from μ to L, and the minimum of the sum. */
export function quadratics(n: number, d: number, { mu = 0.1, L = 1, seed = 1, noise = 0 } = {}) {
  const random = new Random(seed);
  const h = Float64Array.from({ length: d }, (_, j) => (d === 1 ? L : mu * (L / mu) ** (j / (d - 1))));
  const targets = Array.from({ length: n }, () => Float64Array.from({ length: d }, () => 10 * random.normal()));
  const optimum = Float64Array.from({ length: d }, (_, j) => targets.reduce((sum, b) => sum + b[j] / n, 0));
  const local = targets.map(
    (b): Client => ({
      gradient(x, into, draws) {
        let value = 0;
        for (let j = 0; j < d; j++) {
          const rest = x[j] - b[j];
          value += (h[j] * rest * rest) / 2;
          into[j] = h[j] * rest + (noise > 0 ? noise * draws.normal() : 0);
        }
        return value;
      },
    }),
  );
  return { local, optimum, mu, L, targets, h, start: new Float64Array(d) };
}

export interface Case {
  readonly nodes: number;
  readonly settings: DadaoSettings;
  readonly iterates: number;
}

/** The points of the last iterate on all nodes, with noise in the gradients. */
export const points = ({ nodes, settings, iterates }: Case) =>
  function* (comm: Communicator): Generator<Request, number[], unknown> {
    const graph = nodes % 2 === 0 ? barbellGraph(nodes) : randomGeometricGraph(nodes, { seed: 1 });
    const program = dadaoProgram(comm, { ...quadratics(nodes, 3, { noise: 0.1 }), graph }, settings);
    let step = program.next();
    while (!step.done) {
      if (!('iteration' in step.value)) step = program.next(yield step.value);
      else if (step.value.iteration < iterates) step = program.next();
      else return step.value.snapshot().x.flatMap((x) => [...x]);
    }
    return [];
  };

/** What threads run. */
export default (ranks: Ranks, input: Case): number[] => complete(ranks(points(input)));

if (process.argv[2] === 'mpi') {
  const joined = mpi({ timeout: 20 });
  const found = complete(joined.ranks(points(JSON.parse(process.argv[3]) as Case)));
  // Long lines of several ranks would be mixed by mpirun.
  writeFileSync(`${process.argv[4]}-${joined.rank}.json`, JSON.stringify(found));
  joined.close();
}
