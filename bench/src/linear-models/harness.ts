// Runs one task with one contender after the other, each in a process of its own, each judged by the same certificate.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readNpyMatrix, writeNpy } from '@southwell/data/node';
import { alphaMax, certify } from './certificate.ts';
import { type Contender, southwell } from './contenders.ts';
import { type Prepared, prepare } from './datasets.ts';
import type { Task } from './tasks.ts';

/** The common gap, relative to the objective at zero. */
export const GAP = 1e-6;

export interface Settings {
  readonly repeats: number;
  /**
   * Time limit in seconds for one tolerance, three times that for a path; all tolerances of a contender together get
   * twice that.
   */
  readonly limit: number;
  /** Number of alternating fits of southwell and the best peer, for an interval of their ratio. Default 0: none. */
  readonly pairs?: number;
  /** Southwell once more, with an accelerator library for dense products. */
  readonly accelerated?: Contender;
  readonly report?: (line: string) => void;
}

export interface Result {
  readonly contender: string;
  /** Best CPU and wall seconds over repetitions, at the first tolerance whose gap is small enough. */
  readonly cpu?: number;
  readonly wall?: number;
  /** CPU seconds of the first fit at that tolerance. */
  readonly first?: number;
  readonly tol?: number;
  /** Largest certified gap over the alphas. */
  readonly gap?: number;
  /** Peak resident memory of the process, and its memory after loading the arrays, in MB. */
  readonly peak?: number;
  readonly loaded?: number;
  readonly nonZeros?: number;
  /** Why there is no time. */
  readonly failure?: string;
}

export interface TaskResult {
  readonly task: string;
  readonly shape: string;
  readonly ours: Result;
  readonly accelerated?: Result;
  readonly peers: readonly Result[];
  readonly paired?: Paired;
}

/**
 * Ratio of CPU seconds of southwell to the best peer in alternating fits: the median, and the mean of logarithms ± 2
 * SE.
 */
export interface Paired {
  readonly peer: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Runs southwell and then the peers on a task. */
export async function runTask(task: Task, peers: readonly Contender[], settings: Settings): Promise<TaskResult> {
  const data = await prepare(task.set);
  const { X } = data;
  const top = alphaMax(task.model, X, target(task, data));
  const alphas = Float64Array.from(task.shares, (share) => share * top);
  const run = async (contender: Contender): Promise<Result> => {
    const result = await compete(contender, task, data, alphas, settings);
    settings.report?.(`${task.name}: ${describe(result)}`);
    return result;
  };
  const results = [await run(southwell)];
  const accelerated = settings.accelerated && X.kind === 'dense' ? await run(settings.accelerated) : undefined;
  for (const peer of peers) if (peer.takes(task)) results.push(await run(peer));
  const paired = await pair(task, data, alphas, peers, results, settings);
  const entries = X.kind === 'csc' ? `, ${X.nnz} entries` : '';
  const shape = `${X.rows} × ${X.cols}${entries}`;
  if (X.kind === 'dense') X.free();
  return { task: task.name, shape, ours: results[0], accelerated, peers: results.slice(1), paired };
}

/** Alternating warm fits, each at the tolerance that reaches the common gap. */
async function pair(
  task: Task,
  data: Prepared,
  alphas: Float64Array,
  peers: readonly Contender[],
  [ours, ...others]: readonly Result[],
  { pairs = 0, limit, report }: Settings,
): Promise<Paired | undefined> {
  const best = others.filter((r) => r.cpu !== undefined).sort((a, b) => a.cpu! - b.cpu!)[0];
  const peer = peers.find(({ name }) => name === best?.contender);
  if (pairs === 0 || !peer || ours.cpu === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  const children: Child[] = [];
  try {
    const alphasFile = join(folder, 'alphas.npy');
    const out = join(folder, 'coef.npy');
    writeFileSync(alphasFile, writeNpy(alphas));
    const patience = 120_000 + 1000 * limit * 3 * pairs;
    const turns = [
      [southwell, ours],
      [peer, best],
    ] as const;
    const sides: Array<{ child: Child; tol: number }> = [];
    for (const [contender, { tol }] of turns) {
      const child = new Child(contender, argumentsOf(contender, task, data, alphasFile));
      children.push(child);
      await child.next(patience);
      child.send(`${tol} 2 ${out}`); // warm
      await child.next(patience);
      sides.push({ child, tol: tol! });
    }
    const logs: number[] = [];
    for (let k = 0; k < pairs; k++) {
      const cpu: number[] = [];
      for (const { child, tol } of sides) {
        child.send(`${tol} 2 ${out}`);
        cpu.push(parse(await child.next(patience)).cpu);
      }
      logs.push(Math.log(cpu[0] / Math.max(cpu[1], 1e-6)));
    }
    const mean = logs.reduce((a, b) => a + b, 0) / pairs;
    const spread = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, pairs - 1) / pairs);
    const median = Math.exp([...logs].sort((a, b) => a - b)[Math.floor(pairs / 2)]);
    const paired = { peer: peer.name, median, low: Math.exp(mean - 2 * spread), high: Math.exp(mean + 2 * spread) };
    report?.(
      `${task.name}: ${median.toPrecision(3)} × ${peer.name} in ${pairs} pairs, ${paired.low.toPrecision(3)} to ${paired.high.toPrecision(3)}`,
    );
    return paired;
  } catch (error) {
    report?.(`${task.name}: no pairs: ${(error as Error).message}`);
    return undefined;
  } finally {
    for (const child of children) child.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The arguments of a process: arrays, model, alphas. */
const argumentsOf = (contender: Contender, task: Task, data: Prepared, alphasFile: string): string[] => [
  data.dir,
  task.model.loss,
  task.model.loss === 'logistic' ? 'labels' : 'y',
  alphasFile,
  contender.method,
  String(task.model.groupSize),
  String(task.folds ?? 0),
];

const target = (task: Task, data: Prepared) => (task.model.loss === 'logistic' ? data.labels : data.y);

export function describe(r: Result): string {
  if (r.cpu === undefined) return `${r.contender} – ${r.failure}`;
  return `${r.contender} ${r.cpu.toPrecision(3)} s CPU, ${r.wall?.toPrecision(3)} s wall, tol ${r.tol}, gap ${r.gap?.toExponential(1)}, peak ${r.peak?.toFixed(0)} MB`;
}

async function compete(
  contender: Contender,
  task: Task,
  data: Prepared,
  alphas: Float64Array,
  { repeats, limit: perPoint }: Settings,
): Promise<Result> {
  const name = contender.name;
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  const alphasFile = join(folder, 'alphas.npy');
  const out = join(folder, 'coef.npy');
  writeFileSync(alphasFile, writeNpy(alphas));
  const limit = perPoint * (alphas.length > 1 ? 3 : 1);
  const seconds = (s: number) => Math.max(1, Math.ceil(s)) * 1000;
  const child = new Child(contender, argumentsOf(contender, task, data, alphasFile));
  try {
    const loaded = Number((await child.next(seconds(120))).split(' ')[1]);
    let closest: number | undefined;
    let spent = 0;
    const wanted = task.gap ?? GAP;
    for (let tol = contender.firstTol ?? wanted; tol > contender.lastTol / 2; tol = Number((tol / 10).toPrecision(1))) {
      child.send(`${tol} 1 ${out}`);
      const probe = parse(await child.next(seconds(limit)));
      const { gap, nonZeros } = await judge(task, data, alphas, out);
      closest = Math.min(closest ?? Number.POSITIVE_INFINITY, gap);
      spent += probe.wall;
      if (!(gap <= wanted)) {
        if (spent < 2 * limit) continue;
        return {
          contender: name,
          failure: `gap ${closest.toExponential(1)} at tolerance ${tol} after ${spent.toFixed(0)} s of tries`,
        };
      }
      let best = probe;
      if (repeats > 1 && probe.wall < limit / 3) {
        child.send(`${tol} ${repeats} ${out}`);
        const again = parse(await child.next(seconds(repeats * limit)));
        // The peak remains that of the first run: by now the process has also prepared its result for the file.
        best = { ...best, cpu: Math.min(best.cpu, again.cpu), wall: Math.min(best.wall, again.wall) };
      }
      return { contender: name, ...best, first: probe.cpu, tol, gap, nonZeros, loaded };
    }
    return {
      contender: name,
      failure: `gap ${closest?.toExponential(1)} at best, with tolerances down to ${contender.lastTol}`,
    };
  } catch (error) {
    return { contender: name, failure: (error as Error).message };
  } finally {
    child.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The largest gap over the alphas, computed from the coefficients on disk alone. */
async function judge(task: Task, data: Prepared, alphas: Float64Array, file: string) {
  const coefs = await readNpyMatrix(file);
  // For a cross-validation only the final model, with the index of its alpha before its coefficients.
  const [rows, cols] = task.folds ? [data.X.cols + 1, 1] : [data.X.cols, alphas.length];
  if (coefs.cols !== cols || coefs.rows !== rows) {
    throw new Error(`gave ${coefs.rows} × ${coefs.cols} coefficients, not ${rows} × ${cols}`);
  }
  let gap = 0;
  for (let k = 0; k < cols; k++) {
    const column = coefs.column(k).slice();
    const [alpha, b] = task.folds ? [alphas[column[0]], column.slice(1)] : [alphas[k], column];
    const { relativeGap } = certify(task.model, data.X, target(task, data), alpha, b);
    gap = Math.max(gap, relativeGap); // NaN stays
  }
  const nonZeros = coefs.column(cols - 1).reduce((count, b) => count + (b === 0 ? 0 : 1), 0);
  coefs.free();
  return { gap, nonZeros };
}

function parse(answer: string): { cpu: number; wall: number; peak: number } {
  const [cpu, wall, peak] = answer.split(' ').slice(1).map(Number);
  return { cpu, wall, peak };
}

/** A process that answers with lines that start with @. */
class Child {
  private readonly process: ChildProcess;
  private readonly answers: string[] = [];
  private wake: (() => void) | undefined;
  private ended = false;
  private complaint = '';

  constructor({ command: [program, ...first], environment }: Contender, args: readonly string[]) {
    this.process = spawn(program, [...first, ...args], { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (!line.startsWith('@ ')) return;
      this.answers.push(line.slice(2).trim());
      this.wake?.();
    });
    this.process.stderr!.on('data', (text) => {
      this.complaint = `${this.complaint}${text}`.slice(-2000);
    });
    const over = () => {
      this.ended = true;
      this.wake?.();
    };
    this.process.on('close', over);
    this.process.on('error', over);
    this.process.stdin!.on('error', over);
  }

  send(line: string): void {
    this.process.stdin!.write(`${line}\n`);
  }

  /** The next answer. Throws the error output of the process, or on timeout. */
  async next(milliseconds: number): Promise<string> {
    const end = Date.now() + milliseconds;
    while (this.answers.length === 0 && !this.ended && Date.now() < end) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, end - Date.now());
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const answer = this.answers.shift();
    if (answer === undefined) {
      if (this.ended) throw new Error(`ended: ${this.complaint.trim().split('\n').at(-1)}`);
      throw new Error(`no answer within ${milliseconds / 1000} s`);
    }
    if (answer.startsWith('error ')) throw new Error(answer.slice(6));
    return answer;
  }

  end(): void {
    this.process.kill('SIGKILL');
  }
}
