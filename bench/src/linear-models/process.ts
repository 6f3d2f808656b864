// Whole processes: from a data file to a file of coefficients, beside typical scripts in Python and R; and first fits,
// where a process has just imported its library.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { correlatedRegression, writeCsv } from '@southwell/data/node';
import type { Outcome } from '../command.ts';
import { fastest, geometricMean } from '../document.ts';
import { benchRoot } from './datasets.ts';
import { environment, findVersions, python } from './interpreters.ts';

/** A data file, and the requested fit. */
interface Job {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Number of classes of the target. */
  readonly classes?: number;
  /** Number of folds of a cross-validated path; without it, a fit at about alphaMax/10. */
  readonly folds?: number;
  readonly alpha?: number;
}

const jobs: readonly Job[] = [
  { name: 'small-lasso', rows: 442, columns: 10, alpha: 0.1 },
  { name: 'small-cv', rows: 442, columns: 10, folds: 10 },
  { name: 'wide-cv', rows: 100, columns: 2000, folds: 5 },
  { name: 'tall-lasso', rows: 100_000, columns: 30, alpha: 0.1 },
  { name: 'tall-cv', rows: 11_500, columns: 500, folds: 10 },
  { name: 'classes', rows: 5000, columns: 100, classes: 2, alpha: 0.01 },
  { name: 'classes-cv', rows: 20_000, columns: 50, classes: 2, folds: 5 },
  { name: 'four-classes-cv', rows: 83, columns: 2308, classes: 4, folds: 5 },
];

interface Program {
  readonly name: string;
  readonly needs?: string;
  readonly command: (job: Job, csv: string, out: string) => readonly string[] | undefined;
}

const modelOf = ({ classes }: Job) => (!classes ? 'lasso' : classes === 2 ? 'logistic' : 'multinomial');

const command = join(benchRoot, '../packages/cli/bin/southwell.mjs');

const southwell: Program = {
  name: 'southwell',
  command: (job, csv, out) => [
    ...[process.execPath, command, 'fit', csv, '--target', 'y', '--model', modelOf(job)],
    ...(job.folds ? ['--cv', String(job.folds), '--threads', '1'] : ['--alpha', String(job.alpha)]),
    ...['--save', out, '--quiet'],
  ],
};

const script = (name: string) => join(benchRoot, 'peers', name);
const asked = (job: Job, csv: string, out: string) => [
  csv,
  out,
  modelOf(job),
  String(job.folds ?? 0),
  String(job.alpha ?? 0),
];

/** There is no path of classifiers in scikit-learn. */
const inPython = (reader: string, job: Job, csv: string, out: string) =>
  job.classes && job.folds ? undefined : [python.command, script('process.py'), reader, ...asked(job, csv, out)];

const peers: readonly Program[] = [
  {
    name: 'pandas',
    needs: 'pandas',
    command: (job, csv, out) => inPython('pandas', job, csv, out),
  },
  {
    name: 'numpy',
    needs: 'sklearn',
    command: (job, csv, out) => inPython('numpy', job, csv, out),
  },
  {
    name: 'glmnet',
    needs: 'glmnet',
    command: (job, csv, out) => ['Rscript', '--vanilla', script('process.R'), ...asked(job, csv, out)],
  },
];

interface Measured {
  readonly wall: number;
  readonly cpu: number;
  /** Peak resident memory in MB. */
  readonly peak: number;
}

/** Runs a program to its end; throws its error output. */
function measured(words: readonly string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    // The kernel's resource usage of child processes: CPU seconds and peak memory, as reported by `time`.
    const child = spawn('/usr/bin/time', ['-f', '@ %U %S %M', ...words], { env: environment });
    let text = '';
    child.stderr.on('data', (piece) => {
      text += piece;
    });
    child.stdout.resume();
    child.on('error', () => reject(new Error('Whole processes are timed by /usr/bin/time, which is not there.')));
    child.on('close', (code) => {
      const [user, system, kilobytes] = (/@ (\S+) (\S+) (\S+)\n*$/.exec(text) ?? []).slice(1).map(Number);
      if (code !== 0) reject(new Error(text.trim().split('\n').slice(0, -1).at(-1) ?? `ended with code ${code}`));
      else resolve({ wall: (performance.now() - start) / 1000, cpu: user + system, peak: kilobytes / 1024 });
    });
  });
}

/** Labels of as many classes of about equal size, by the order of y. */
function classesOf(y: Float64Array, count: number): string[] {
  const sorted = y.slice().sort();
  const ends = Array.from({ length: count - 1 }, (_, k) => sorted[Math.floor(((k + 1) * y.length) / count)]);
  return Array.from(y, (v) => `c${ends.filter((end) => v >= end).length}`);
}

function makeTable(job: Job, file: string): void {
  const { rows: n, columns: p } = job;
  const { X, y } = correlatedRegression({ n, p, rho: 0.5, nonZeros: Math.ceil(p / 10), snr: 2, seed: 1 });
  const rounded = (values: Float64Array) => Float64Array.from(values, (v) => Number(v.toPrecision(6)));
  const columns: Record<string, ArrayLike<number> | readonly string[]> = {};
  for (let j = 0; j < p; j++) columns[`x${j}`] = rounded(X.column(j));
  columns.y = job.classes ? classesOf(y, job.classes) : y;
  writeFileSync(file, writeCsv(columns));
  X.free();
}

/** All programs on all jobs, alternating; the minimum over repetitions counts. */
export async function processes(repeats: number, json: boolean, names?: readonly string[]): Promise<Outcome> {
  const versions = findVersions();
  const there = peers.filter(({ needs }) => versions[needs!] !== undefined);
  const cache = join(benchRoot, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'southwell-process-'));
  const results: Array<{ job: string; runs: Record<string, Measured>; ratio: number; wallRatio: number }> = [];
  try {
    for (const job of jobs.filter(({ name }) => !names || names.includes(name))) {
      const csv = join(cache, `process-${job.name}.csv`);
      if (!existsSync(csv)) makeTable(job, csv);
      const runs: Record<string, Measured> = {};
      for (let k = 0; k < repeats; k++) {
        for (const { name, command } of [southwell, ...there]) {
          const words = command(job, csv, join(folder, `${name}.out`));
          if (!words) continue;
          try {
            const run = await measured(words);
            const best = runs[name];
            runs[name] = best
              ? {
                  wall: Math.min(best.wall, run.wall),
                  cpu: Math.min(best.cpu, run.cpu),
                  peak: Math.min(best.peak, run.peak),
                }
              : run;
          } catch (error) {
            console.error(`${job.name}: ${name}: ${(error as Error).message}`);
          }
        }
      }
      const ours = runs.southwell;
      const others = Object.entries(runs).filter(([name]) => name !== 'southwell');
      const least = (of: keyof Measured) => Math.min(...others.map(([, run]) => run[of]));
      const [ratio, wallRatio] = ours && others.length > 0 ? [ours.cpu / least('cpu'), ours.wall / least('wall')] : [];
      results.push({ job: job.name, runs, ratio: ratio ?? Number.NaN, wallRatio: wallRatio ?? Number.NaN });
      console.error(
        `${job.name}: ${Object.entries(runs)
          .map(([name, r]) => `${name} ${r.cpu.toFixed(2)} s CPU ${r.wall.toFixed(2)} s wall ${r.peak.toFixed(0)} MB`)
          .join('; ')}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (!json) {
    const all = [southwell, ...there].map(({ name }) => name);
    console.log(
      `\n| CPU s (MB) | ${all.join(' | ')} | ratio | wall ratio |\n| --- | ${all.map(() => '---:').join(' | ')} | ---: | ---: |`,
    );
    for (const { job, runs, ratio, wallRatio } of results) {
      const cells = all.map((name) =>
        runs[name] ? `${runs[name].cpu.toFixed(2)} (${runs[name].peak.toFixed(0)})` : '✗',
      );
      console.log(`| ${job} | ${cells.join(' | ')} | ${ratio.toFixed(2)} | ${wallRatio.toFixed(2)} |`);
    }
    console.log(
      `\nGeometric means: ${geometricMean(results.map((r) => r.ratio))?.toFixed(2)} (CPU), ${geometricMean(results.map((r) => r.wallRatio))?.toFixed(2)} (wall).`,
    );
  }
  const tasks = results.map(({ job, runs, wallRatio }) => {
    const ours = runs.southwell as Measured | undefined;
    const peer = fastest(
      Object.entries(runs).filter(([name]) => name !== 'southwell'),
      ({ cpu }) => cpu,
    );
    const memoryRatio = ours && peer.found ? ours.peak / peer.found.peak : null;
    return { name: job, ours: ours?.cpu, peer: peer.cost, peerName: peer.name, memoryRatio, wallRatio, runs };
  });
  return { tasks, json, code: results.every(({ runs }) => runs.southwell) ? 0 : 1 };
}
