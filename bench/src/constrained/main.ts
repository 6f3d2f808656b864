// Constrained programs beside other solvers: time and accuracy, in one run.
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { maros } from './maros.ts';
import { quadruped, sequences } from './mpc.ts';

const usage = `Usage: npm run bench -- constrained [options]
  --sets <N,…>   maros, mpc, quadcmpc (default all)
  --data <DIR>   folder of the sets' folders (default ../shared/data)
  --json         results as JSON on standard output, progress on standard error

maros: Maros and Mészáros' quadratic programs (maros_qps) beside HiGHS and cvxopt, one process and first call each; residuals of all points are
computed in the same way, and a problem counts as solved at 1e-6 relative. mpc: sequences of model predictive control
(mpc_qps), with P and G constant: cold (each problem by itself) beside quadprog, warm (from the last solution) beside cold. quadcmpc: one with semidefinite P
beside HiGHS and cvxopt. CPU seconds.`;

export const main = benchmark(usage, command);

const sets: Record<string, (data: string, say: (line: string) => void) => Measurement[]> = {
  maros: (data, say) => maros(join(data, 'maros_qps'), say),
  mpc: (data, say) => sequences(join(data, 'mpc_qps'), say),
  quadcmpc: (data, say) => quadruped(join(data, 'mpc_qps'), say),
};

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sets: { type: 'string', default: Object.keys(sets).join(',') },
      data: { type: 'string', default: join(benchRoot, '../../shared/data') },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const chosen = values.sets.split(',');
  const unknown = chosen.find((name) => !Object.hasOwn(sets, name));
  if (unknown !== undefined) throw new Error(`--sets has ${Object.keys(sets).join(', ')}, not ${unknown}.`);
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`,
  );
  return { tasks: chosen.flatMap((name) => sets[name](values.data, say)), json: values.json };
}
