// Time to a test accuracy on images, beside PyTorch with the same initial weights and batches.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { Random } from 'southwell';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { nets } from './nets.ts';
import type { Course } from './ours.ts';

const FASHION = '/usr/share/datasets/fashion-mnist';
const usage = `Usage: npm run bench -- training [options]
  --data <folder>    With train-images-idx3-ubyte.gz and the three files beside it, of MNIST or Fashion-MNIST
                     (default ${FASHION}, of Debian's dataset-fashion-mnist)
  --nets <name,…>    Of mlp and cnn. Default both
  --epochs <N>       PyTorch trains for so long at first, and what it reaches is the target (default 10)
  --seeds <N,…>      Of the weights and of the order of the rows; each a table of its own (default 1)
  --json             results as JSON on standard output, progress on standard error

Adam on batches of 64, one thread. The target is 97 % of MLP 784-256-10 and 98.5 % of a net of two convolutions, or the most that
PyTorch reaches in its epochs if that is less; then each trains until it is there, for twice as many epochs at most, in a process
of its own: seconds as a whole, and from the end of its imports. Over several seeds, ratios are geometric means.`;

const TARGETS: Readonly<Record<string, number>> = { mlp: 0.97, cnn: 0.985 };

interface Run extends Course {
  readonly whole: number;
  readonly cpu: number;
}

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: FASHION },
      nets: { type: 'string', default: Object.keys(nets).join() },
      epochs: { type: 'string', default: '10' },
      seeds: { type: 'string', default: '1' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const names = values.nets.split(',');
  const unknown = names.find((name) => !nets[name]);
  if (unknown !== undefined)
    throw new Error(`--nets knows no '${unknown}'; there are ${Object.keys(nets).join(' and ')}.`);
  const epochs = Number(values.epochs);
  if (!Number.isInteger(epochs) || epochs < 1) throw new Error('--epochs takes a whole number from 1.');
  const seeds = values.seeds.split(',').map(Number);
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new Error('--seeds takes whole numbers from 0.');
  const labels = join(values.data, 'train-labels-idx1-ubyte.gz');
  if (!existsSync(labels)) throw new Error(`There is no ${labels}: give a folder that has it with --data.`);
  const say = values.json ? console.error : console.log;
  const header = {
    processor: cpus()[0]?.model ?? 'unknown',
    ...{ cores: cpus().length, load: loadavg()[0], node: process.version, time: new Date().toISOString() },
  };
  say(`${header.processor}, ${header.cores} cores, load ${header.load.toFixed(1)} at the start; Node ${header.node}`);
  const folder = mkdtempSync(join(tmpdir(), 'southwell-training-'));
  const results: Measurement[] = [];
  try {
    const rows = gunzipSync(readFileSync(labels)).length - 8;
    for (const name of names) {
      const own = seeds.map((seed) => {
        writeOrders(join(folder, 'orders.i32'), seed, rows, 2 * epochs);
        const layer = nets[name]();
        writeFileSync(
          join(folder, `${name}.safetensors`),
          writeSafetensors(nn.saveModel(layer, nn.init(layer, ad.randomKey(seed)))),
        );
        const trained = (who: Contender, most: number, target: number) =>
          ran(who, [values.data, folder, name, String(most), String(target), String(seed)]);
        const reached = Math.max(...trained('torch', epochs, 1).epochs.map(({ accuracy }) => accuracy));
        const target = Math.min(TARGETS[name], reached);
        say(`\n${name}, seed ${seed}: PyTorch reaches ${percent(reached)} in ${epochs} epochs; to ${percent(target)}:`);
        const runs = Object.fromEntries(contenders.map((who) => [who, trained(who, 2 * epochs, target)])) as Runs;
        table(runs, say);
        return { name: `${name}, seed ${seed}`, ...sides(runs, target), net: name, seed, reached, target, runs };
      });
      for (const who of contenders) {
        if (who === 'torch') continue;
        const ratio = (value: (run: Run) => number) =>
          Math.exp(mean(own.map(({ runs }) => Math.log(value(runs[who]) / value(runs.torch))))).toFixed(2);
        const [whole, inner, epoch] = [ratio((run) => run.whole), ratio(after), ratio(anEpoch)];
        say(`${who} / torch: ${whole} as a whole, ${inner} after imports, ${epoch} an epoch`);
      }
      results.push(...own);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { tasks: results, json: values.json, more: { header } };
}

const contenders = ['ours', 'openblas', 'torch'] as const;
type Contender = (typeof contenders)[number];
type Runs = Readonly<Record<Contender, Run>>;

/** CPU seconds of whole processes; none for a side that did not reach the target. */
function sides({ ours, torch }: Runs, target: number) {
  const seconds = (run: Run) => (run.epochs.at(-1)!.accuracy >= target ? run.cpu : null);
  const memoryRatio = ours.peak / torch.peak;
  return { ours: seconds(ours), peer: seconds(torch), peerName: 'PyTorch', memoryRatio };
}

const after = ({ epochs }: Run): number => epochs.at(-1)!.seconds;
const anEpoch = (run: Run): number => (after(run) - run.read) / run.epochs.length;

function table(runs: Runs, say: (line: string) => void): void {
  const heads = ['epochs', 'reached', 'whole', 'CPU', 'after imports', 'an epoch', 'MB'];
  say(`${''.padEnd(10)}${heads.map((text) => text.padStart(14)).join('')}`);
  for (const who of contenders) {
    const run = runs[who];
    const cells = [
      ...[String(run.epochs.length), percent(run.epochs.at(-1)!.accuracy), seconds(run.whole), seconds(run.cpu)],
      ...[seconds(after(run)), seconds(anEpoch(run)), run.peak.toFixed(0)],
    ];
    say(`${who.padEnd(10)}${cells.map((text) => text.padStart(14)).join('')}`);
  }
}

/** The order of rows in every epoch, as on our side. */
function writeOrders(path: string, seed: number, rows: number, epochs: number): void {
  const random = new Random(seed);
  const all = new Int32Array(rows * epochs);
  for (let epoch = 0; epoch < epochs; epoch++) all.set(random.split(epoch).permutation(rows), epoch * rows);
  writeFileSync(path, new Uint8Array(all.buffer));
}

const ours = fileURLToPath(new URL('./ours.js', import.meta.url));

function ran(who: Contender, args: readonly string[]): Run {
  const { SOUTHWELL_BLAS: _, ...plain } = environment;
  const env = who === 'openblas' ? { ...plain, SOUTHWELL_BLAS: 'openblas' } : plain;
  const words =
    who === 'torch'
      ? [python.command, join(benchRoot, 'peers/training.py'), ...args]
      : [process.execPath, ours, ...args];
  const start = performance.now();
  const timed = spawnSync('/usr/bin/time', ['-f', '@ %U %S', ...words], { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  const whole = (performance.now() - start) / 1000;
  const cpu = /^@ (\S+) (\S+)$/m.exec(timed.stderr);
  if (timed.status !== 0 || !cpu) throw new Error(`${who}: ${timed.stderr.trim().split('\n').slice(-3).join(' ')}`);
  return { ...(JSON.parse(timed.stdout) as Course), whole, cpu: Number(cpu[1]) + Number(cpu[2]) };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const seconds = (value: number) => value.toPrecision(3);
