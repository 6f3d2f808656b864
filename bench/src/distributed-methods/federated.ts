// Federated logistic regression: rounds of consensus with and without its acceleration, and the distance from the answer of scikit-learn on all rows.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConsensusOptions, consensusAdmm, lossProx } from 'southwell/distributed-methods';
import type { Measurement } from '../document.ts';
import { benchRoot, sharedFile } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

const FILE = sharedFile('libsvm_adult/a9a');
const CLIENTS = 36;
const FEATURES = 123;
/** Weight of half the squared norm of the coefficients beside the mean loss. */
const RIDGE = 1e-3;
/** Of the model, relative to the answer. */
const GOAL = 1e-8;
/** Rounds at most. */
const MOST = 5000;

interface Row {
  readonly x: Float64Array;
  readonly y: number;
}

/** The first rows of a9a, with a one for the intercept. */
function rowsOf(file: string, count: number): Row[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(0, count);
  return lines.map((line) => {
    const [label, ...entries] = line.trim().split(/\s+/);
    const x = new Float64Array(FEATURES + 1);
    x[FEATURES] = 1;
    for (const entry of entries) {
      const [column, value] = entry.split(':').map(Number);
      x[column - 1] = value;
    }
    return { x, y: Number(label) };
  });
}

/** scikit-learn's answer; undefined if it is not installed. */
function answerOf(file: string, rows: number): Float64Array | undefined {
  const asked = JSON.stringify({ file, rows, ridge: RIDGE, features: FEATURES });
  const script = join(benchRoot, 'peers', 'federated.py');
  const { status, stdout } = spawnSync(python.command, [script, asked], { encoding: 'utf8', env: environment });
  if (status !== 0) return undefined;
  const { coef, intercept } = JSON.parse(stdout) as { readonly coef: number[]; readonly intercept: number };
  return Float64Array.of(...coef, intercept);
}

const distance = (a: ArrayLike<number>, b: Float64Array): number =>
  Math.hypot(...b.map((v, i) => v - a[i])) / Math.hypot(...b);

/** Rounds until the model is near the answer; ours and those of plain consensus. Nothing if there are no data. */
export function federatedRows(count: number, say: (line: string) => void): Measurement[] {
  if (!existsSync(FILE)) {
    say(`\nfederated: ${FILE} is missing.`);
    return [];
  }
  const rows = rowsOf(FILE, count);
  const n = rows.length;
  const proxes = Array.from({ length: CLIENTS }, (_, k) => {
    const own = rows.slice(Math.floor((k * n) / CLIENTS), Math.floor(((k + 1) * n) / CLIENTS));
    const weights = own.map(() => 1 / n);
    return lossProx('logistic', { X: own.map(({ x }) => x), y: own.map(({ y }) => y), weights }, FEATURES + 1);
  });
  const peer = answerOf(FILE, n);
  const penalty = { ridge: RIDGE, free: [FEATURES] };
  const precise = consensusAdmm(proxes, { ...penalty, tol: 1e-13, rounds: MOST });
  const answer = peer ?? precise.w;
  const roundsOf = (options: ConsensusOptions): number | null => {
    let reached: number | null = null;
    consensusAdmm(proxes, {
      ...{ ...penalty, ...options, rounds: MOST, tol: GOAL / 100 },
      onRound: ({ iteration }, w) => {
        if (distance(w, answer) > GOAL) reached = null;
        else reached ??= iteration;
      },
    });
    return reached;
  };
  const ours = roundsOf({});
  const plain = roundsOf({ acceleration: 0, relaxation: 1 });
  const off = peer ? distance(precise.w, peer) : null;
  const name = `a9a, ${n} rows over ${CLIENTS} clients`;
  say(`\n${''.padEnd(36)}${['rounds', 'plain', 'ratio', 'from scikit-learn'].map((t) => t.padStart(18)).join('')}`);
  const ratio = ours !== null && plain !== null ? (ours / plain).toFixed(3) : '–';
  const cells = [ours ?? '–', plain ?? '–', ratio, off === null ? '–' : off.toExponential(1)];
  say(`${name.padEnd(36)}${cells.map((cell) => String(cell).padStart(18)).join('')}`);
  const unit = 'rounds';
  return [{ name, ours, peer: plain, peerName: 'plain consensus ADMM', unit, distance: off, goal: GOAL }];
}
