import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { prepareQp, type QpPoint, type QuadraticProgram, quadraticProgram } from 'southwell/constrained';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { cpuSeconds, fromPython, type PeerAnswer } from './peers.ts';

type Row = (number | null)[];

/** ½xᵀPx + qᵀx, Gx ≤ h, Ax = b, lb ≤ x ≤ ub; null for infinity. */
interface Arrays {
  readonly P: number[][];
  readonly q: number[];
  readonly G: number[][];
  readonly h: number[];
  readonly A?: number[][];
  readonly b?: number[];
  readonly lb?: Row;
  readonly ub?: Row;
}

const filesOf = (folder: string, name: RegExp): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => name.test(file))
        .sort((a, b) => Number(/\d+/.exec(a)?.[0] ?? 0) - Number(/\d+/.exec(b)?.[0] ?? 0))
        .map((file) => join(folder, file))
    : [];

function programOf({ P, q, G, h, A = [], b = [], lb, ub }: Arrays): QuadraticProgram {
  const side = (values: Row | undefined, absent: number) => values?.map((v) => v ?? absent);
  return {
    ...{ P: DenseMatrix.fromRows(P), q: Float64Array.from(q), A: DenseMatrix.fromRows([...G, ...A]) },
    rowLower: Float64Array.from([...h.map(() => Number.NEGATIVE_INFINITY), ...b]),
    rowUpper: Float64Array.from([...h, ...b]),
    ...{ lower: side(lb, Number.NEGATIVE_INFINITY), upper: side(ub, Number.POSITIVE_INFINITY) },
  };
}

interface Quadprog {
  solveQP(D: number[][], d: number[], A: number[][], b: number[]): { readonly solution: number[] };
}

/** Sequences of model predictive control with P and G constant: every problem by itself, and from the last solution. */
export function sequences(folder: string, say: (line: string) => void): Measurement[] {
  const results: Measurement[] = [];
  for (const name of ['LIPMWALK', 'WHLIPBAL']) {
    const files = filesOf(folder, new RegExp(`^${name}\\d+\\.npz$`));
    const all = files.length > 0 ? fromPython<Arrays>('arrays', files) : undefined;
    if (!all) {
      say(`mpc: ${name} is skipped; it needs files in ${folder}, and Python with NumPy and SciPy`);
      continue;
    }
    const programs = all.map(programOf);
    const cold = cpuSeconds(() => {
      for (const program of programs) quadraticProgram(program);
    });
    const prepared = prepareQp(programs[0]);
    const warm = cpuSeconds(() => {
      let start: QpPoint | undefined;
      for (const { q, rowUpper } of programs) start = prepared.solve({ q, rowUpper, start }).point;
    });
    const [javascript, r] = [byJavaScript(all), byR(name, all)];
    const worst = Math.max(...programs.map((program) => quadraticProgram(program).certificate!.relative));
    const cells = [cold, warm, javascript, r].map((v) => (v === undefined ? '–' : (1e3 * v).toPrecision(3)));
    say(
      `${name}: ms for ${all.length}: cold ${cells[0]}, warm ${cells[1]}, npm quadprog ${cells[2]}, R quadprog ${cells[3]}`,
    );
    const more = { problems: all.length, relative: worst, r };
    results.push({ name: `mpc, ${name}, cold`, ours: cold, peer: javascript, peerName: 'npm quadprog', ...more });
    results.push({ name: `mpc, ${name}, warm`, ours: warm, peer: cold, peerName: 'southwell, cold', ...more });
  }
  return results;
}

/** npm's quadprog, whose arrays begin at 1 and are overwritten. */
function byJavaScript(all: readonly Arrays[]): number | undefined {
  let quadprog: Quadprog;
  try {
    quadprog = createRequire(join(benchRoot, 'package.json'))('quadprog');
  } catch {
    return undefined;
  }
  const from1 = (values: readonly number[]) => [0, ...values];
  const given = all.map(({ P, q, G, h }) => ({
    D: [[], ...P.map(from1)],
    d: from1(q.map((v) => -v)),
    A: [[], ...q.map((_, j) => from1(G.map((row) => -row[j])))],
    b: from1(h.map((v) => -v)),
  }));
  const copy = (M: number[][]) => M.map((row) => row.slice());
  return cpuSeconds(() => {
    for (const { D, d, A, b } of given) quadprog.solveQP(copy(D), d.slice(), copy(A), b.slice());
  });
}

function byR(name: string, all: readonly Arrays[]): number | undefined {
  const folder = join(benchRoot, '.cache');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.txt`);
  const numbers = all.flatMap(({ P, q, G, h }) => [...P.flat(), ...q, ...G.flat(), ...h]);
  writeFileSync(file, [all.length, all[0].q.length, all[0].h.length, ...numbers].join('\n'));
  const { status, stdout } = spawnSync('Rscript', [join(benchRoot, 'peers/quadprog.R'), file], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as { seconds: number }).seconds : undefined;
}

/** Larger problems with semidefinite P, each by itself, beside the faster of HiGHS and cvxopt. */
export function quadruped(folder: string, say: (line: string) => void): Measurement[] {
  const files = filesOf(folder, /^QUADCMPC\d+\.npz$/);
  const all = files.length > 0 ? fromPython<Arrays>('arrays', files) : undefined;
  if (!all) {
    say(`quadcmpc: skipped; it needs files in ${folder}, and Python with NumPy and SciPy`);
    return [];
  }
  return all.map((arrays, k) => {
    const program = programOf(arrays);
    const seconds = cpuSeconds(() => quadraticProgram(program));
    const { certificate, status } = quadraticProgram(program);
    const answers = fromPython<Record<string, PeerAnswer>>('solve', [files[k]])?.[0] ?? {};
    const good = Object.entries(answers).filter(([, { relative }]) => relative != null && relative <= 1e-6);
    const fastest = good.sort(([, a], [, b]) => a.seconds! - b.seconds!)[0];
    const name = files[k].split('/').at(-1)!.replace('.npz', '');
    const theirs = Object.entries(answers).map(
      ([peer, { seconds: s }]) => `${peer} ${s === undefined ? '–' : (1e3 * s).toPrecision(3)}`,
    );
    say(`${name}: ms: southwell ${(1e3 * seconds).toPrecision(3)}, ${theirs.join(', ')}`);
    return {
      ...{ name: `quadcmpc, ${name}`, ours: seconds, peer: fastest?.[1].seconds, peerName: fastest?.[0] },
      ...{ status, relative: certificate?.relative, peers: answers },
    };
  });
}
