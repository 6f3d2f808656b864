import { fingerprint, type Solution } from '@southwell/numerics/core';
import { multiply, multiplyTransposed } from '@southwell/numerics/linalg';
import { type DenseMatrix, runAsync } from 'southwell';
import { type GameSolution, type GameState, matrixGameIterates } from 'southwell/distributed-methods';
import { Stages } from '../checkpoints.ts';
import type { TaskTools } from '../declaration/task.ts';
import type { GameRequest } from './options.ts';
import { gameOf } from './payoffs.ts';
import type { GameResult } from './result.ts';

/** Strategies of each player in a picture. */
const DRAWN = 60;

/** Solves the game in a table. Throws if it is none; a stopped run has the best strategies so far. */
export async function gameJob(request: GameRequest, tools: TaskTools): Promise<GameResult> {
  const started = performance.now();
  const table = await tools.read();
  const game = gameOf(table, request, tools);
  const { A } = game;
  const print = tools.checkpoint ? fingerprint(A.data, { rows: A.rows }) : '';
  const { resume, ...keeping } = new Stages('game', print, tools.checkpoint).stage<GameState>('strategies');
  const { tol, timeLimit } = request;
  const solution = await runAsync(matrixGameIterates(A, { resume }), {
    ...{ tol, timeLimit, signal: tools.signal, ...keeping },
    onIterate: ({ iteration, certificate, objective }) => {
      const gap = certificate!.relative;
      tools.progress({ text: `step ${iteration}: gap ${gap.toExponential(1)}`, iteration, objective, gap });
    },
  });
  return {
    ...{ status: solution.status, command: tools.command },
    data: { name: table.name, notes: [...table.notes, ...game.notes] },
    ...told(A, game, solution),
    seconds: (performance.now() - started) / 1000,
  };
}

function told(
  A: DenseMatrix,
  { rows, columns }: { readonly rows: readonly string[]; readonly columns: readonly string[] },
  { point, certificate, iterations, trace }: Solution<GameSolution>,
) {
  const [toRows, toColumns] = [new Float64Array(A.rows), new Float64Array(A.cols)];
  multiply(A, point.y, toRows);
  multiplyTransposed(A, point.x, toColumns);
  const named = (names: readonly string[], p: Float64Array, payoffs: Float64Array) =>
    names.map((strategy, k) => ({ strategy, probability: p[k], payoff: payoffs[k] }));
  const known = trace.filter(({ certificate: gap }) => gap !== undefined);
  const [shownRows, shownColumns] = [likeliest(point.x), likeliest(point.y)];
  return {
    ...{ value: point.value, lower: point.lower, upper: point.upper, gap: point.gap },
    relativeGap: certificate!.relative,
    rows: named(rows, point.x, toRows),
    columns: named(columns, point.y, toColumns),
    iterations,
    course: { steps: known.map(({ iteration }) => iteration), gaps: known.map(({ certificate: gap }) => gap!) },
    payoffs: {
      ...{ rows: shownRows, columns: shownColumns },
      values: shownRows.flatMap((i) => shownColumns.map((j) => A.get(i, j))),
    },
  };
}

/** The indices of all strategies, or of the likeliest ones of many, in their order. */
function likeliest(p: Float64Array): number[] {
  const all = [...p.keys()];
  if (all.length <= DRAWN) return all;
  return all
    .sort((a, b) => p[b] - p[a] || a - b)
    .slice(0, DRAWN)
    .sort((a, b) => a - b);
}
