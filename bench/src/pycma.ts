// CMA-ES beside pycma, on the same instances from the same initial points.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRun, bbob, benchmarkStart, precisions } from 'southwell/black-box';
import { environment, python } from './linear-models/interpreters.ts';

interface PeerRun extends BenchmarkRun {
  /** Total CPU seconds, and those spent outside of the function. */
  readonly seconds: number;
  readonly own: number;
}

/** The groups of BBOB: first and last function. */
const GROUPS = [
  ['separable', 1, 5],
  ['moderate', 6, 9],
  ['ill-conditioned', 10, 14],
  ['multimodal', 15, 19],
  ['weakly structured', 20, 24],
  ['all', 1, 24],
] as const;

/**
 * Runs pycma from the initial points of `runs`. Returns undefined if it is not installed; throws if its functions
 * differ from ours.
 */
export function pycmaRuns(
  runs: readonly BenchmarkRun[],
  seed: number,
  budget: number,
): { version: string; runs: PeerRun[] } | undefined {
  const job = {
    sigma: 2,
    budget,
    targets: precisions,
    runs: runs.map(({ number, dim, instance }) => ({ number, dim, instance, x0: benchmarkStart(dim, instance, seed) })),
  };
  const script = fileURLToPath(new URL('../peers/pycma.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python.command, [script], {
    env: environment,
    input: JSON.stringify(job),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status === 4 || status === null) return undefined;
  if (status !== 0) throw new Error(`pycma: ${stderr.trim().split('\n').at(-1)}`);
  const [{ version }, ...lines] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const found: PeerRun[] = [];
  for (const [k, { number, dim, instance, x0 }] of job.runs.entries()) {
    const { probe } = lines[2 * k];
    const value = bbob(number, dim, instance).f(Float64Array.from(x0));
    if (!(Math.abs(probe - value) <= 1e-8 * Math.abs(value))) {
      throw new Error(`f${number}, instance ${instance}: ${value} at the start, but ${probe} for pycma.`);
    }
    found.push(lines[2 * k + 1]);
  }
  return { version, runs: found };
}

/** CPU seconds for `evaluations` function values. */
function secondsOf({ number, dim, instance, evaluations }: BenchmarkRun): number {
  const { f } = bbob(number, dim, instance);
  const points = Array.from({ length: 50 }, (_, k) => Float64Array.from(benchmarkStart(dim, k + 1)));
  const values = 2000;
  const before = process.cpuUsage();
  for (let k = 0; k < values; k++) f(points[k % points.length]);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6 / values) * evaluations;
}

/** A table of the fraction of solved pairs of run and target, and of time outside of the functions. */
export function compare(ours: readonly BenchmarkRun[], seconds: number, theirs: readonly PeerRun[]): string {
  const lines = ['group               southwell     pycma     ratio   solved to 1e-8'];
  for (const [name, first, last] of GROUPS) {
    const own = ours.filter((r) => r.number >= first && r.number <= last);
    const peer = theirs.filter((r) => r.number >= first && r.number <= last);
    if (own.length === 0) continue;
    const [a, b] = [share(own), share(peer)];
    const last8 = (runs: readonly BenchmarkRun[]) => runs.filter((r) => r.hits.length > 50 && r.hits[50]).length;
    lines.push(
      `${name.padEnd(18)}${percent(a)}${percent(b)}${(a / b).toFixed(3).padStart(10)}` +
        `   ${last8(own)} and ${last8(peer)} of ${own.length}`,
    );
  }
  const total = (runs: readonly BenchmarkRun[]) => runs.reduce((sum, r) => sum + r.evaluations, 0);
  const mine = seconds - ours.reduce((sum, r) => sum + secondsOf(r), 0);
  const others = theirs.reduce((sum, r) => sum + r.own, 0);
  const each = (s: number, runs: readonly BenchmarkRun[]) => `${((1e6 * s) / total(runs)).toFixed(1)} µs`;
  lines.push(`CPU an evaluation, outside of the functions: ${each(mine, ours)} and ${each(others, theirs)}.`);
  return lines.join('\n');
}

const share = (runs: readonly BenchmarkRun[]): number =>
  runs.reduce((sum, r) => sum + r.hits.filter((h) => h !== undefined).length, 0) / (precisions.length * runs.length);
const percent = (v: number): string => `${(100 * v).toFixed(1)} %`.padStart(11);
