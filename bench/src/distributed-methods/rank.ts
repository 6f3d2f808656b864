// What every rank runs in `npm run bench -- distributed-methods`: the job of `southwell train`, in a thread or as a process
// under mpirun (node rank.js under-mpirun REQUEST), with the time of each iterate.
import { readTable } from '@southwell/data/node';
import { complete, mpi, type Ranks } from '@southwell/distributed';
import { check, flags, jobRanks, loadTask, sentSoFar, spellOf } from '@southwell/tasks';
import { BATCH, type Course, EXCHANGES, NETS, type Trained } from './trained.ts';

/** Seconds after which a rank that does not respond is an error. */
const TIMEOUT = 60;

/** Trains on the bundled digits with AdamW at its default rate. */
export default async function trained(ranks: Ranks, asked: Trained): Promise<Course> {
  const { net, exchange, steps, validation } = asked;
  const task = await loadTask('train');
  const spelling = flags(task);
  const request = check(
    task,
    {
      ...{ data: 'bundled:digits', predicts: 'classes', batch: BATCH, schedule: 'constant' },
      ...{ epochs: steps, maxIter: steps, validation },
      ...NETS[net],
      ...EXCHANGES[exchange],
    },
    spelling,
  );
  const times: number[] = [];
  const { signal } = new AbortController();
  const own = jobRanks(ranks, signal, TIMEOUT, {
    mark: () => {
      times.push(performance.now() / 1000);
    },
  });
  const read = () => readTable('bundled:digits');
  const { history } = (await task.job(request, {
    ...{ read, whole: read, signal, progress: () => {}, ranks: own },
    ...{ spell: spellOf(spelling), command: 'southwell train' },
  })) as unknown as { history: { accuracy?: readonly number[]; rate: readonly number[] } };
  const bytes = bytesOfAll(ranks);
  const perEpoch = Math.floor((times.length - 1) / history.rate.length);
  return { at: times.map((t) => t - times[0]), accuracy: history.accuracy ?? [], perEpoch, bytes };
}

const bytesOfAll = (ranks: Ranks): number =>
  complete(
    ranks(function* (comm) {
      const sum = Float64Array.of(sentSoFar(yield* comm.traffic()).bytes);
      yield* comm.allReduce(sum);
      return sum[0];
    }),
  );

if (process.argv[2] === 'under-mpirun') {
  const joined = mpi({ timeout: TIMEOUT });
  // Without a request, ranks only start and end.
  const found = process.argv[3]
    ? await trained(joined.ranks, JSON.parse(process.argv[3]) as Trained)
    : { bytes: bytesOfAll(joined.ranks) };
  if (joined.rank === 0) console.log(JSON.stringify(found));
  joined.close();
}
