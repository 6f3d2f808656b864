// Sums and messages between ranks: threads, and Open MPI if installed, with and without the consistency check before
// each sum; and the sums of PyTorch's gloo.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { threads } from '@southwell/distributed';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { PLAN, type Timing } from './rank.ts';

const usage = `Usage: npm run bench -- communication [options]
  --ranks <N>  Default 2
  --json       results as JSON; wall seconds of the best round beside gloo's

Microseconds, the best round and the middle one of 40, of sums over all ranks and of messages there and back: ranks in threads,
and processes of Open MPI where it is installed, with the agreement of all ranks before each sum (as by default) and without;
and PyTorch's gloo where that is.`;

interface Row extends Timing {
  readonly engine: string;
  readonly checks: boolean;
}

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: { ranks: { type: 'string', default: '2' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const ranks = Number(values.ranks);
  if (!Number.isInteger(ranks) || ranks < 2) throw new Error('--ranks is a whole number from 2.');
  const load = loadavg()[0];
  const module = new URL('./rank.js', import.meta.url);
  const rows: Row[] = [];
  for (const checks of [true, false]) {
    const [found] = await threads<undefined, Timing[]>(module, { ranks, checks });
    rows.push(...found.map((timing) => ({ engine: 'threads', checks, ...timing })));
    const processes = underMpi(fileURLToPath(module), ranks, checks);
    rows.push(...processes.map((timing) => ({ engine: 'Open MPI', checks, ...timing })));
  }
  rows.push(...byGloo(ranks).map((timing) => ({ engine: 'gloo', checks: false, ...timing })));
  if (!values.json) print(rows, ranks, load);
  return { tasks: measurements(rows), json: values.json, more: { ranks, load } };
}

/** Each of our exchanges beside the same one of gloo. */
const measurements = (rows: readonly Row[]): Measurement[] =>
  rows.flatMap(({ engine, checks, what, length, best, median }) => {
    if (engine === 'gloo') return [];
    const peer = rows.find((row) => row.engine === 'gloo' && row.what === what && row.length === length);
    const name = `${what}, ${length} doubles, ${engine}, ${checks ? 'with' : 'without'} agreement`;
    const sides = { ours: best / 1e6, peer: peer ? peer.best / 1e6 : null, peerName: 'gloo', unit: 'wall seconds' };
    return [{ name, ...sides, engine, checks, what, length, median: median / 1e6 }];
  });

/** Prints a note and returns nothing if Open MPI is not installed. */
function underMpi(script: string, ranks: number, checks: boolean): Timing[] {
  const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', String(ranks)];
  const command = [...flags, process.execPath, script, 'under-mpirun', checks ? 'checks' : 'none'];
  const { error, status, stdout, stderr } = spawnSync('mpirun', command, { encoding: 'utf8' });
  const line = stdout?.split('\n').find((text) => text.startsWith('['));
  if (status === 0 && line) return JSON.parse(line) as Timing[];
  console.error(`Without Open MPI: ${error ? 'mpirun is not there' : stderr.trim().split('\n').at(-1)}.`);
  return [];
}

/** Prints a note and returns nothing if PyTorch is not installed. */
function byGloo(ranks: number): Timing[] {
  const words = [join(benchRoot, 'peers/gloo.py'), String(ranks), JSON.stringify(PLAN)];
  const { status, stdout, stderr } = spawnSync(python.command, words, { encoding: 'utf8', env: environment });
  if (status === 0) return JSON.parse(stdout) as Timing[];
  console.error(`Without gloo: ${stderr?.trim().split('\n').at(-1) ?? 'there is no python'}.`);
  return [];
}

function print(rows: readonly Row[], ranks: number, load: number): void {
  console.log(`${ranks} ranks; microseconds, best and middle of 40 rounds; load ${load.toFixed(1)} at the start\n`);
  console.log(
    `${'doubles'.padStart(9)}  ${'exchange'.padEnd(16)}${'engine'.padEnd(12)}${'agreement'.padEnd(11)}     best   median`,
  );
  for (const { engine, checks, what, length, best, median } of rows) {
    const name = `${String(length).padStart(9)}  ${what.padEnd(16)}${engine.padEnd(12)}${(checks ? 'yes' : 'no').padEnd(11)}`;
    console.log(`${name}${best.toFixed(1).padStart(9)}${median.toFixed(1).padStart(9)}`);
  }
}
