// One method in a process of its own: node contender.js DATA METHOD RANK LAMBDA SWEEPS REPEATS Prints a line of JSON:
// traces of CPU seconds and held-out errors, and peak memory.
import { readFileSync } from 'node:fs';
import {
  type CompletionMethod,
  completionIterates,
  observedMatrix,
  type PreparedEntries,
  prepareEntries,
} from 'southwell/factorisation';
import { unpack } from './data.ts';

const [path, method, rank, lambda, sweeps, repeats] = process.argv.slice(2);
const { rows, cols, train, test } = unpack(readFileSync(path));
const k = Number(rank);

function heldOut({ biases }: PreparedEntries, left: Float64Array, right: Float64Array): number {
  let squares = 0;
  for (let e = 0; e < test.value.length; e++) {
    const [i, j] = [test.row[e], test.col[e]];
    let predicted = biases!.mean + biases!.row[i] + biases!.col[j];
    for (let a = 0; a < k; a++) predicted += left[i * k + a] * right[j * k + a];
    squares += (test.value[e] - predicted) ** 2;
  }
  return Math.sqrt(squares / test.value.length);
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const prepared = prepareEntries(observedMatrix(rows, cols, train.row, train.col, train.value), { biases: true });
const runs = Array.from({ length: Number(repeats) }, () => {
  const trace: Array<{ seconds: number; error: number }> = [];
  let [spent, begun] = [0, cpu()];
  const how =
    method === 'sketched'
      ? { method: 'robust' as const, solver: 'sketch' as const }
      : { method: method as CompletionMethod };
  const options = { rank: k, lambda: Number(lambda), ...how, tol: 0 };
  for (const it of completionIterates(prepared.observed, options)) {
    spent += cpu() - begun;
    const { left, right } = it.snapshot();
    trace.push({ seconds: spent, error: heldOut(prepared, left, right) });
    if (it.iteration >= Number(sweeps)) break;
    begun = cpu();
  }
  return trace;
});
console.log(JSON.stringify({ runs, megabytes: process.resourceUsage().maxRSS / 1024 }));
