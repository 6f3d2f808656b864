// Models that came from elsewhere, beside onnxruntime: a query, and the way from the file to the first answer.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { models } from './models.ts';
import type { Figures } from './ours.ts';

const usage = `Usage: npm run bench -- models [options]
  --models <name,…>  of ${Object.keys(models).join(', ')}. Default all that are there
  --rounds <n>       processes of each contender, in turn. Default 3
  --json             results as JSON on standard output, progress on standard error

CPU seconds on one thread in single precision: of a query once it is warm, and from the file to the first answer, each the least of
the rounds. onnxruntime runs the ONNX file that we write of the same model; openblas: ours, with the products of an installed OpenBLAS.
encoder: a sentence encoder of TensorFlow.js, ten pieces; mobilenet: the convolutions of a face detector, an image of 224 × 224 pixels;
stories260k: a small Llama, 64 tokens.`;

type Peer = Figures & { readonly apart: number; readonly largest: number; readonly version: string };

/** The last line of a process as JSON; undefined if it fails. */
function answered<T>(command: string, args: readonly string[], env: NodeJS.ProcessEnv): T | undefined {
  const { status, stdout } = spawnSync(command, args, { env, encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1) || 'null') as T) : undefined;
}

const own = fileURLToPath(new URL('./ours.js', import.meta.url));
const folder = join(benchRoot, '.cache/models');

function ours(name: string, blas: boolean): Figures | undefined {
  const env = { ...environment };
  delete env.SOUTHWELL_BLAS;
  const found = answered<Figures>(process.execPath, [own, name, folder], {
    ...env,
    ...(blas ? { SOUTHWELL_BLAS: 'openblas' } : {}),
  });
  return found;
}
const theirs = (name: string): Peer | undefined =>
  answered<Peer>(python.command, [join(benchRoot, 'peers/models.py'), name, folder], environment);

/** The least of the rounds, each measure by itself; undefined if a round failed. */
function least<T extends Figures>(rounds: ReadonlyArray<T | undefined>): T | undefined {
  const all = rounds.filter((r) => r !== undefined);
  if (all.length === 0) return undefined;
  const of = (key: 'load' | 'query' | 'peak') => Math.min(...all.map((r) => r[key]));
  return { ...all[0], load: of('load'), query: of('query'), peak: of('peak') };
}

const ms = (seconds: number | undefined): string =>
  (seconds === undefined ? '–' : (1e3 * seconds).toPrecision(3)).padStart(10);

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      models: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const say = values.json ? console.error : console.log;
  const names = values.models?.split(',') ?? Object.keys(models);
  const unknown = names.find((name) => !Object.hasOwn(models, name));
  if (unknown !== undefined) throw new Error(`--models knows no '${unknown}'.`);
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('--rounds takes a whole number from 1.');
  const header = { processor: cpus()[0]?.model ?? 'unknown', load: loadavg()[0], node: process.version };
  say(`${header.processor}, load ${header.load.toFixed(1)} at the start; Node ${header.node}`);
  say('CPU milliseconds; ratio: ours over those of onnxruntime\n');
  say(
    `${'model'.padEnd(14)}${'what'.padEnd(8)}${['ours', 'openblas', 'onnxruntime', 'ratio', 'openblas'].map((t) => t.padStart(12)).join('')}`,
  );
  mkdirSync(folder, { recursive: true });
  const tasks: Measurement[] = [];
  for (const name of names) {
    const missing = models[name].missing();
    if (missing !== undefined) {
      say(`${name}: skipped; ${missing}`);
      continue;
    }
    tasks.push(...compared(name, rounds, say));
  }
  return { tasks, json: values.json, more: { header } };
}

/** One model: a query and the first answer, with our products and with those of OpenBLAS. */
function compared(name: string, rounds: number, say: (line: string) => void): Measurement[] {
  const exported = spawnSync(process.execPath, [own, name, folder, 'export'], { env: environment, encoding: 'utf8' });
  if (exported.status !== 0) throw new Error(`${name}: ${exported.stderr.slice(-500)}`);
  const found = Array.from({ length: rounds }, () => [ours(name, false), ours(name, true), theirs(name)] as const);
  const [plain, blas] = [0, 1].map((k) => least(found.map((round) => round[k as 0 | 1])));
  const peer = least(found.map((round) => round[2]));
  if (!plain) throw new Error(`${name} cannot be run.`);
  const apart = peer && peer.apart / Math.max(1, peer.largest);
  if (apart !== undefined && !(apart <= 1e-5))
    say(`${name}: the answers are ${apart.toExponential(1)} apart, more than 1e-5`);
  const memoryRatio = peer ? (plain.peak - plain.before) / (peer.peak - peer.before) : null;
  return (['query', 'load'] as const).flatMap((what) => {
    const ratios = [plain, blas].map((f) => f && peer && f[what] / peer[what]);
    const cells = [plain, blas, peer].map((f) => ms(f?.[what]).padStart(12));
    const shown = ratios.map((r) => (r?.toFixed(2) ?? '–').padStart(12));
    say(`${name.padEnd(14)}${what.padEnd(8)}${cells.join('')}${shown.join('')}`);
    const sides = { peer: peer?.[what] ?? null, peerName: peer ? `onnxruntime ${peer.version}` : null };
    const row = (suffix: string, f: Figures, memory: number | null): Measurement => ({
      ...{ name: `${name}, ${what}${suffix}`, ours: f[what], ...sides, memoryRatio: memory, apart },
    });
    return [row('', plain, memoryRatio), ...(blas?.products ? [row(', openblas', blas, null)] : [])];
  });
}
