// Constrained programs beside other solvers: time and accuracy, in one run.
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { maros } from './maros.ts';
import { quadruped, sequences } from './mpc.ts';
import { nlFiles } from './nonlinear/nlFiles.ts';
import type { Limits } from './nonlinear/runs.ts';
import { families, hock, summary } from './nonlinear/sets.ts';

const usage = `Usage: npm run bench -- constrained [options]
  --sets <N,…>   maros, mpc, quadcmpc, hs, families, nl (default all)
  --data <DIR>   folder of the sets' folders (default ../shared/data)
  --quick        hs, nl and the smallest size of families
  --families <N,…>  these families only
  --sizes <N,…>  sizes of families: 0, 1, 2 (default all), of about 10³, 10⁴ and 10⁵ variables
  --limit <S>    CPU seconds after which a process of hs, families and nl is ended (default 120)
  --blas         southwell calls an installed OpenBLAS in hs, families and nl
  --json         results as JSON on standard output, progress on standard error

maros: Maros and Mészáros' quadratic programs (maros_qps) beside HiGHS and cvxopt, one process and first call each; residuals of all points are
computed in the same way, and a problem counts as solved at 1e-6 relative. mpc: sequences of model predictive control
(mpc_qps), with P and G constant: cold (each problem by itself) beside quadprog, warm (from the last solution) beside cold. quadcmpc: one with semidefinite P
beside HiGHS and cvxopt. hs: problems of Hock and Schittkowski; families: programs of three sizes; nl: files in AMPL's format (nl_models), all three beside
Ipopt from the same .nl file, hs also beside SciPy, and linear models with integers beside HiGHS. Residuals of both solutions are recomputed, and a program counts
as solved at 1e-8 relative. CPU seconds, of whole processes in hs, families and nl.`;

export const main = benchmark(usage, command);

interface Asked {
  readonly data: string;
  readonly limits: Limits;
  readonly sizes: readonly number[];
  readonly families: string | undefined;
}

type Say = (line: string) => void;

const sets: Record<string, (asked: Asked, say: Say) => Measurement[]> = {
  maros: ({ data }, say) => maros(join(data, 'maros_qps'), say),
  mpc: ({ data }, say) => sequences(join(data, 'mpc_qps'), say),
  quadcmpc: ({ data }, say) => quadruped(join(data, 'mpc_qps'), say),
  hs: ({ limits }, say) => summed(hock(limits, say), say),
  families: ({ limits, sizes, families: only }, say) => summed(families(sizes, only, limits, say), say),
  nl: ({ data, limits }, say) => summed(nlFiles(join(data, 'nl_models'), limits, say), say),
};

function summed(tasks: Measurement[], say: Say): Measurement[] {
  summary(tasks, say);
  return tasks;
}

const QUICK = ['hs', 'families', 'nl'];

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sets: { type: 'string' },
      quick: { type: 'boolean' },
      families: { type: 'string' },
      sizes: { type: 'string' },
      limit: { type: 'string', default: '120' },
      blas: { type: 'boolean', default: false },
      data: { type: 'string', default: join(benchRoot, '../../shared/data') },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const chosen = values.sets?.split(',') ?? (values.quick ? QUICK : Object.keys(sets));
  const unknown = chosen.find((name) => !Object.hasOwn(sets, name));
  if (unknown !== undefined) throw new Error(`--sets has ${Object.keys(sets).join(', ')}, not ${unknown}.`);
  const sizes = (values.sizes ?? (values.quick ? '0' : '0,1,2')).split(',').map(Number);
  if (!sizes.every((size) => [0, 1, 2].includes(size))) throw new Error('--sizes are some of 0, 1, 2.');
  const seconds = Number(values.limit);
  if (!(Number.isInteger(seconds) && seconds > 0)) throw new Error('--limit is a whole number of seconds above 0.');
  const asked = { data: values.data, limits: { seconds, blas: values.blas }, sizes, families: values.families };
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`,
  );
  return { tasks: chosen.flatMap((name) => sets[name](asked, say)), json: values.json };
}
