// Run by tests under mpirun: rank 0 writes the results of all ranks as JSON. A stopped rank stays stopped.
import { readFileSync } from 'node:fs';
import { recordedRun } from '../events/testing.ts';
import { type Communicator, complete, mpi, NoAnswerError } from '../index.ts';
import { busy, conform, conformance, repeated } from '../testing.ts';

const [what, timeout, victim] = process.argv.slice(2);
const joined = mpi({ timeout: Number(timeout) });
const { rank, size, ranks, version } = joined;
const bed = new Int32Array(new SharedArrayBuffer(4));

if (what === 'conform') {
  const failed = conform(ranks, Object.keys(conformance));
  const all = complete(
    ranks(function* (comm: Communicator) {
      const counts = new Int32Array(size);
      yield* comm.allGather(Int32Array.of(failed.length), counts);
      return counts;
    }),
  );
  for (const sentence of failed) console.error(`rank ${rank}: ${sentence}`);
  if (rank === 0) console.log(JSON.stringify({ version, size, failed: [...all] }));
  joined.close();
} else if (what === 'record') {
  const list = recordedRun(ranks);
  if (list) console.log(JSON.stringify(list));
  joined.close();
} else if (what === 'repeat') {
  // Records from a file.
  const point = repeated(ranks, JSON.parse(readFileSync(victim, 'utf8')));
  console.log(JSON.stringify({ rank, point }));
  joined.close();
} else if (what === 'work' || what === 'idle') {
  console.log(
    JSON.stringify({
      rank,
      message: busy(ranks, { late: Number(victim), seconds: 3 * Number(timeout), idles: what === 'idle' }),
    }),
  );
  joined.close();
} else {
  const program = function* (comm: Communicator) {
    for (let k = 0; k < 200; k++) yield* comm.allReduce(Float64Array.of(1));
    if (rank === Number(victim)) {
      if (what !== 'wait') process.kill(process.pid, 'SIGSTOP');
      yield* comm.receive((rank + 1) % size, new Float64Array(1), 9);
    }
    if (what === 'ask') {
      const coming = yield* comm.begin(comm.receive(Number(victim), new Float64Array(1), 9));
      while (!(yield* comm.test(coming))) Atomics.wait(bed, 0, 0, 1);
    }
    yield* comm.allReduce(new Float64Array(1000));
  };
  try {
    complete(ranks(program));
  } catch (error) {
    const named = error instanceof NoAnswerError ? error.ranks : undefined;
    console.log(JSON.stringify({ rank, ranks: named, message: (error as Error).message }));
    // mpirun must first report the failure and end all others; a process that simply ends may crash in running parts of
    // Open MPI.
    Atomics.wait(bed, 0, 0, 500);
    joined.abort(4);
  }
}
