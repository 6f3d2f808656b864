// What the threads and the processes of a test run, each of which writes its result to a file.
import { writeFileSync } from 'node:fs';
import { type Communicator, complete, mpi, type Ranks } from '@southwell/distributed';
import { type AggregateOptions, aggregateRanks } from './index.ts';
import { drawn } from './testing.ts';

export interface RanksCase {
  readonly n: number;
  readonly options: AggregateOptions;
  /** A rank whose last number is NaN. */
  readonly faulty?: number;
}

/** The gradients of all ranks. */
export function gradientsOf({ n, faulty }: RanksCase, size: number): Float64Array[] {
  const gradients = drawn(size, n, 0, 1);
  if (faulty !== undefined) gradients[faulty][n - 1] = Number.NaN;
  return gradients;
}

const program = (of: RanksCase) => (comm: Communicator) =>
  aggregateRanks(comm, gradientsOf(of, comm.size)[comm.rank], of.options);

export default (ranks: Ranks, input: RanksCase) => complete(ranks(program(input))).direction;

if (process.argv[2] === 'mpi') {
  const joined = mpi({ timeout: 20 });
  const cases = JSON.parse(process.argv[3]) as RanksCase[];
  const found = cases.map((input) => [...complete(joined.ranks(program(input))).direction]);
  // Long lines of several ranks would be mixed by mpirun.
  writeFileSync(`${process.argv[4]}-${joined.rank}.json`, JSON.stringify(found));
  joined.close();
}
