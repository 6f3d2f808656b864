import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { methodTimes } from './methods.ts';
import { copyingRate, packings, productTimes } from './products.ts';

const usage = `Usage: npm run bench -- compression [options]
  --sizes <MB,…>  of the unpacked matrices; default 0.3,1,4,8,16,40
  --rows <n,…>    rows of the inputs; default 1,32
  --methods       the methods alone
  --json          results as JSON on standard output, progress on standard error

Products by packed matrices: wall seconds on one thread, the least of seven rounds, beside our product by the same matrix as it is
unpacked, and numpy's; and the share of its bytes. Then methods that prune or round one layer, beside PyTorch on the same weights and
moments: CPU seconds, the least of three, and errors of the outputs.`;

export const main = benchmark(usage, command);

/** The rows and columns of a matrix of about this size: multiples of 32. */
function shapeOf(megabytes: number): readonly [out: number, inner: number] {
  const inner = Math.max(32, Math.round(Math.sqrt((megabytes * 1e6) / 4) / 32) * 32);
  return [Math.max(32, Math.round((megabytes * 1e6) / 4 / inner / 32) * 32), inner];
}

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '0.3,1,4,8,16,40' },
      rows: { type: 'string', default: '1,32' },
      methods: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [sizes, counts] = [values.sizes, values.rows].map((text) => text.split(',').map(Number));
  if (!sizes.every((n) => n > 0 && n <= 1000)) throw new Error('--sizes are megabytes, up to 1000.');
  if (!counts.every((n) => Number.isInteger(n) && n >= 1)) throw new Error('--rows are whole numbers from 1.');
  const say = values.json ? console.error : console.log;
  if (values.methods) return { tasks: methodTimes(say), json: values.json };
  const shapes = counts.flatMap((rows) => sizes.map((size) => [rows, ...shapeOf(size)] as const));
  const peer = numpy(shapes);
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}, ${peer ? `numpy ${peer.numpy}` : 'no numpy (SOUTHWELL_PYTHON names a python that has it)'}`,
  );
  const rates = sizes.map((size) => `${size} MB: ${(copyingRate(Math.round(size * 1e6)) / 1e9).toFixed(1)} GB/s`);
  say(`Copying: ${rates.join(', ')}\n`);
  const heads = ['packed, µs', 'dense, µs', 'numpy, µs', 'to dense', 'bytes'];
  say(`${''.padEnd(48)}${heads.map((t) => t.padStart(12)).join('')}`);
  const results: Measurement[] = [];
  for (const packing of packings)
    for (const [i, [rows, out, inner]] of shapes.entries()) {
      const { packed, dense, bytes } = productTimes(packing, rows, out, inner);
      const blas = peer?.seconds[i];
      const name = `${packing.name}, ${out} × ${inner}, ${rows} ${rows === 1 ? 'row' : 'rows'}`;
      const data = { ours: packed, peer: dense, peerName: 'southwell, unpacked', memoryRatio: bytes };
      results.push({ name, ...data, numpy: blas ?? null, unit: 'wall seconds', rows, out, inner });
      const times = [packed, dense, blas].map((t) => (t === undefined ? '–' : (1e6 * t).toPrecision(3)));
      const cells = [...times, (packed / dense).toFixed(2), bytes.toFixed(3)];
      say(`${name.padEnd(48)}${cells.map((t) => t.padStart(12)).join('')}`);
    }
  return { tasks: [...results, ...methodTimes(say)], json: values.json };
}

/** numpy's seconds; undefined if it is not installed. */
function numpy(shapes: ReadonlyArray<readonly number[]>): { numpy: string; seconds: number[] } | undefined {
  const script = join(benchRoot, 'peers', 'compression.py');
  const { status, stdout } = spawnSync(python.command, [script, JSON.stringify(shapes)], {
    encoding: 'utf8',
    env: environment,
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}
