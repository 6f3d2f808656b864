// Solves a .nl file in a process of its own: node solve.js FILE OUT.sol [warm]. Prints what it took as JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { readNl, writeSol } from '@southwell/data';
import { functionsOf } from '@southwell/numerics/expressions';
import { nonlinearProgram } from 'southwell/constrained';

/** What a run took, beside the solution that it writes. */
export interface Took {
  readonly status: string;
  readonly iterations: number;
  readonly restorations: number;
  /** CPU seconds of the process, of the first call, and of the last of some calls. */
  readonly process: number;
  readonly first: number;
  readonly warm?: number;
  readonly megabytes: number;
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Calls go on for this many CPU seconds, until the engine has compiled them. */
const WARM = 1;

function solve(file: string, out: string, warm: boolean): Took {
  const { model, options } = readNl(readFileSync(file));
  const { variables, rows, objective } = model;
  const call = () =>
    nonlinearProgram({
      functions: functionsOf(model),
      ...{ lower: variables.lower, upper: variables.upper, start: variables.start },
      ...{ rowLower: rows.lower, rowUpper: rows.upper, names: variables.names, rowNames: rows.names },
    });
  const begun = cpu();
  const { status, point, iterations, work } = call();
  const first = cpu() - begun;
  const sign = objective.sense === 'maximize' ? -1 : 1;
  const suffix = (name: string, side: (v: number) => number) => ({
    ...{ name, of: 'variables' as const, whole: false },
    ...{ indices: Int32Array.from(point.x.keys()), values: point.bounds.map((v) => sign * side(v)) },
  });
  const solution = writeSol({
    ...{ message: status, options, rows: rows.names.length, variables: variables.names.length, x: point.x },
    multipliers: point.rows.map((v) => sign * v),
    suffixes: [suffix('ipopt_zL_out', (v) => Math.max(v, 0)), suffix('ipopt_zU_out', (v) => Math.min(v, 0))],
  });
  writeFileSync(out, solution);
  const whole = { process: cpu(), megabytes: process.resourceUsage().maxRSS / 1024 };
  let last: number | undefined;
  for (const start = cpu(); warm && cpu() - start < WARM; ) {
    const before = cpu();
    call();
    last = cpu() - before;
  }
  return { status, iterations, restorations: work.restorations ?? 0, ...whole, first, warm: last };
}

const [file, out, warm] = process.argv.slice(2);
try {
  console.log(JSON.stringify(solve(file, out, warm === 'warm')));
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }));
}
