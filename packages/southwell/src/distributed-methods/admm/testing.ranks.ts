// What the threads and the processes of a test run, each of which writes its result to a file.
import { writeFileSync } from 'node:fs';
import { type Communicator, complete, mpi, type Ranks } from '@southwell/distributed';
import { type ConsensusSettings, consensusAdmmRanks, federatedWlsRanks, lossProx, type WlsForm } from './index.ts';
import { drawnClients } from './testing.ts';

export interface RanksCase {
  readonly clients: number;
  readonly rounds: number;
  /** Weighted least squares in this form; otherwise logistic consensus. */
  readonly form?: WlsForm;
  readonly options?: Omit<ConsensusSettings, 'method'>;
}

/** The clients of all ranks. */
export const clientsOf = (of: RanksCase) => drawnClients(of.clients, 4, 9).clients;

export const proxesOf = (of: RanksCase) =>
  clientsOf(of).map(({ X, y }) => lossProx('logistic', { X, y: Array.from(y, (v) => (v > 0 ? 1 : -1)) }));

const program = (of: RanksCase) => (comm: Communicator) => {
  const { clients, rounds, form, options } = of;
  const cut = (rank: number) => Math.floor((rank * clients) / comm.size);
  const [from, to] = [cut(comm.rank), cut(comm.rank + 1)];
  return form
    ? federatedWlsRanks(comm, clientsOf(of).slice(from, to), { ...options, method: form, rounds })
    : consensusAdmmRanks(comm, proxesOf(of).slice(from, to), { ...options, rounds });
};

export default (ranks: Ranks, input: RanksCase) => complete(ranks(program(input))).w;

if (process.argv[2] === 'mpi') {
  const joined = mpi({ timeout: 20 });
  const cases = JSON.parse(process.argv[3]) as RanksCase[];
  const found = cases.map((input) => [...complete(joined.ranks(program(input))).w]);
  // Long lines of several ranks would be mixed by mpirun.
  writeFileSync(`${process.argv[4]}-${joined.rank}.json`, JSON.stringify(found));
  joined.close();
}
