// What the threads and the processes of a test run: softmax models that are trained in turn.
import { writeFileSync } from 'node:fs';
import { type Communicator, complete, type Exchange, mpi, type Ranks } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { type CodedRun, type RunCodedOptions, runCoded, type SequentialCodeOptions, sequentialCode } from './index.ts';

export interface CodedCase {
  readonly code: SequentialCodeOptions;
  readonly jobs: number;
  /** Seconds of a usual worker, and those of workers by round: worker, from round, to round, seconds. */
  readonly base: number;
  readonly slow: ReadonlyArray<readonly [number, number, number, number]>;
}

const MODELS = 4;
const [ROWS, FEATURES, CLASSES] = [203, 5, 3];
const LENGTH = FEATURES * CLASSES;

function data() {
  const random = new Random(11);
  const X = Float64Array.from({ length: ROWS * FEATURES }, () => random.normal());
  const y = Int32Array.from({ length: ROWS }, () => Math.floor(CLASSES * random.uniform()));
  return { X, y };
}

/** Four softmax models; job t is a step of model t mod 4. */
export function softmaxJobs(jobs: number) {
  const { X, y } = data();
  const models = Array.from({ length: MODELS }, () => new Float64Array(LENGTH));
  const work = {
    jobs,
    rows: ROWS,
    length: LENGTH,
    point: (job: number, into: Float64Array) => into.set(models[job % MODELS]),
    add(_: number, x: Float64Array, from: number, to: number, into: Float64Array) {
      for (let i = from; i < to; i++) {
        const row = X.subarray(i * FEATURES, (i + 1) * FEATURES);
        const scores = Array.from({ length: CLASSES }, (_, c) =>
          row.reduce((sum, v, j) => sum + v * x[c * FEATURES + j], 0),
        );
        const total = scores.reduce((sum, v) => sum + Math.exp(v), 0);
        scores.forEach((score, c) => {
          const residual = Math.exp(score) / total - (y[i] === c ? 1 : 0);
          row.forEach((v, j) => {
            into[c * FEATURES + j] += residual * v;
          });
        });
      }
    },
    finish(job: number, gradient: Float64Array) {
      const rate = (0.5 + (job % MODELS)) / ROWS;
      gradient.forEach((v, j) => {
        models[job % MODELS][j] -= rate * v;
      });
    },
  };
  return { work, models };
}

/** The models by plain descent. */
export function uncoded(jobs: number): number[] {
  const { work, models } = softmaxJobs(jobs);
  for (let job = 1; job <= jobs; job++) {
    const gradient = new Float64Array(LENGTH);
    work.add(job, models[job % MODELS].slice(), 0, ROWS, gradient);
    work.finish(job, gradient);
  }
  return models.flatMap((one) => [...one]);
}

export function* trained(
  comm: Communicator,
  { code, jobs, base, slow }: CodedCase,
  options: RunCodedOptions = {},
): Exchange<{ readonly run: CodedRun; readonly models: number[] }> {
  const { work, models } = softmaxJobs(jobs);
  const slowness = (round: number, worker: number) =>
    slow.find(([i, from, to]) => i === worker && from <= round && round <= to)?.[3] ?? base;
  const run = yield* runCoded(comm, sequentialCode(code), work, { slowness, ...options });
  return { run, models: models.flatMap((one) => [...one]) };
}

export default (ranks: Ranks, input: CodedCase) => complete(ranks((comm) => trained(comm, input)));

if (process.argv[2] === 'mpi') {
  const joined = mpi({ timeout: 20 });
  const cases = JSON.parse(process.argv[3]) as CodedCase[];
  const found = cases.map((input) => complete(joined.ranks((comm) => trained(comm, input))));
  writeFileSync(`${process.argv[4]}-${joined.rank}.json`, JSON.stringify(found));
  joined.close();
}
