// Seconds of a step of `train` on two ranks in threads, beside PyTorch's DistributedDataParallel in two processes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundled } from '@southwell/data';
import { threads } from '@southwell/distributed';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { ABOUT, BATCH, type Course, EXCHANGES, type ExchangeName, type Net, RANKS, type Trained } from './trained.ts';

const NETS: readonly Net[] = ['perceptron', 'convolution'];
/** Steps of a run, and how many of them, at the beginning, are not measured. */
const [STEPS, WARM] = [400, 100];
/** PyTorch's exchange that does what each of ours does; it has none that sends the largest entries. */
const HOOKS: Readonly<Record<ExchangeName, readonly [hook: string, name: string]>> = {
  dense: ['dense', 'DDP'],
  'top-k=0.01': ['fp16', 'DDP, fp16_compress_hook'],
  'low-rank=4': ['powerSGD', 'DDP, powerSGD_hook'],
};

const names = Object.keys(EXCHANGES) as ExchangeName[];

/** Each network with each exchange. The runs alternate, and the least of the medians of all rounds counts. */
export async function stepRows(rounds: number, say: (line: string) => void): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-steps-'));
  const best = new Map<string, number>();
  const keep = (key: string, seconds: readonly number[]) =>
    best.set(key, Math.min(best.get(key) ?? Number.POSITIVE_INFINITY, median(seconds.slice(WARM))));
  try {
    await writeDigits(folder);
    for (let round = 0; round < rounds; round++) {
      for (const net of NETS)
        for (const name of names)
          keep(`${net} ${name}`, await stepsOf({ net, exchange: name, steps: STEPS, validation: 0 }));
      const theirs = ddp(folder);
      for (const net of NETS)
        for (const [hook] of Object.values(HOOKS)) if (theirs) keep(`${net} ${hook} DDP`, theirs[net][hook]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(
    `\nMilliseconds of a step of train --ranks ${RANKS} --batch ${BATCH} beside PyTorch's DistributedDataParallel on gloo: medians of ${STEPS - WARM} steps after ${WARM}, the least of ${rounds}.`,
  );
  say(`${''.padEnd(40)}${['ours, ms', 'PyTorch, ms', 'ratio'].map((t) => t.padStart(12)).join('')}  beside`);
  return NETS.flatMap((net) =>
    names.map((name): Measurement => {
      const [hook, peerName] = HOOKS[name];
      const [ours, peer] = [best.get(`${net} ${name}`)!, best.get(`${net} ${hook} DDP`) ?? null];
      const cells = [ours, peer].map((t) => (t === null ? '–' : (1000 * t).toPrecision(3)));
      const line = [...cells, peer ? (ours / peer).toFixed(2) : '–'].map((t) => t.padStart(12)).join('');
      say(`${`${net}, ${name}, a step`.padEnd(40)}${line}  ${peerName}`);
      const about = { net: ABOUT[net], exchange: name, steps: STEPS - WARM };
      return { name: `${net}, ${name}, a step`, ours, peer, peerName, unit: 'wall seconds', ...about };
    }),
  );
}

/** The seconds of each step of a training run on threads. */
async function stepsOf(input: Trained): Promise<number[]> {
  const [{ at }] = await threads<Trained, Course>(new URL('./rank.js', import.meta.url), { ranks: RANKS, input });
  return at.slice(1).map((t, k) => t - at[k]);
}

/** Pixels from 0 to 1, and labels. */
async function writeDigits(folder: string): Promise<void> {
  const { columns, rows } = await loadBundled('digits');
  const pixels = new Float32Array(rows * (columns.length - 1));
  const labels = new Int32Array(rows);
  let at = 0;
  for (const column of columns) {
    if (column.type !== 'number') throw new Error(`The column ${column.name} of the digits has no numbers.`);
    if (column.name === 'digit') labels.set(column.values);
    else {
      for (let i = 0; i < rows; i++) pixels[i * (columns.length - 1) + at] = column.values[i] / 16;
      at++;
    }
  }
  writeFileSync(join(folder, 'pixels.f32'), pixels);
  writeFileSync(join(folder, 'labels.i32'), labels);
}

/** Seconds of PyTorch's steps; undefined if it is not installed. */
function ddp(folder: string): Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> | undefined {
  const plan = JSON.stringify({ nets: NETS, ranks: RANKS, batch: BATCH, steps: STEPS });
  const words = [join(benchRoot, 'peers', 'ddp.py'), folder, plan];
  const { status, stdout, stderr } = spawnSync(python.command, words, {
    ...{ encoding: 'utf8', env: environment, maxBuffer: 1 << 26 },
  });
  if (status === 0) return JSON.parse(stdout).seconds;
  console.error(`Without PyTorch: ${stderr?.trim().split('\n').at(-1) ?? 'there is no python'}.`);
  return undefined;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
