// Programs for tests on threads and under mpirun, where each rank writes its results to a file.
import { writeFileSync } from 'node:fs';
import { type Communicator, complete, mpi, type Ranks, type Request } from '@southwell/distributed';
import { type Iterate, Random } from '@southwell/numerics/core';
import { type Client, type CompressedSgdOptions, compressedSgdProgram } from './index.ts';

/** Least squares of unlike clients: f_i = ½‖(i / n) x − b_i‖² with b_i of length about ζ n / i, and normal noise. */
export function unlikeClients(
  n: number,
  d: number,
  { zeta = 10, sigma = 0, seed = 1 } = {},
): { readonly clients: Client[]; readonly optimum: Float64Array } {
  const random = new Random(seed);
  const scales = Array.from({ length: n }, (_, i) => (i + 1) / n);
  const targets = scales.map((a) => Float64Array.from({ length: d }, () => (zeta / a) * random.normal()));
  const weight = scales.reduce((sum, a) => sum + a * a, 0);
  const optimum = new Float64Array(d);
  for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) optimum[j] += (scales[i] * targets[i][j]) / weight;
  const noise = sigma / Math.sqrt(d);
  const clients = scales.map((a, i): Client => {
    const b = targets[i];
    return {
      gradient(x, into, draws) {
        let value = 0;
        for (let j = 0; j < d; j++) {
          const rest = a * x[j] - b[j];
          value += rest * rest;
          into[j] = a * rest + (sigma > 0 ? noise * draws.normal() : 0);
        }
        return value / 2;
      },
      atOptimum: b.map((y, j) => a * (a * optimum[j] - y)),
    };
  });
  return { clients, optimum };
}

export interface Case {
  readonly options: CompressedSgdOptions;
  readonly rounds: number;
}

/** The points of a run on clients with noise, one after the other. */
export const points = ({ options, rounds }: Case) =>
  function* (comm: Communicator): Generator<Request, number[], unknown> {
    const { clients } = unlikeClients(5, 12, { sigma: 1 });
    const found: number[] = [];
    const start = new Float64Array(12);
    for (const step of compressedSgdProgramSteps(comm, clients, start, options)) {
      if (!('iteration' in step.value)) step.answer(yield step.value);
      else {
        found.push(...step.value.snapshot());
        if (step.value.iteration === rounds) break;
      }
    }
    return found;
  };

/** The requests and iterates of the program, which is resumed with the answers. */
function* compressedSgdProgramSteps(
  comm: Communicator,
  clients: readonly Client[],
  start: Float64Array,
  options: CompressedSgdOptions,
): Generator<{ readonly value: Iterate<Float64Array, number | undefined> | Request; answer(given: unknown): void }> {
  const program = compressedSgdProgram(comm, clients, start, options);
  let given: unknown;
  for (let step = program.next(); !step.done; step = program.next(given)) {
    given = undefined;
    yield {
      value: step.value,
      answer(value) {
        given = value;
      },
    };
  }
}

/** What threads run. */
export default (ranks: Ranks, input: Case): number[] => complete(ranks(points(input)));

if (process.argv[2] === 'mpi') {
  const joined = mpi({ timeout: 20 });
  const found = complete(joined.ranks(points(JSON.parse(process.argv[3]) as Case)));
  // Long lines of several ranks would be mixed by mpirun.
  writeFileSync(`${process.argv[4]}-${joined.rank}.json`, JSON.stringify(found));
  joined.close();
}
