// Training steps of small nets, compiled, beside PyTorch's on one thread: forward, backward and Adam, in single precision.
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accelerator } from '@southwell/kernels';
import * as ad from 'southwell/autodiff';
import * as nn from 'southwell/nn';
import { benchmark } from './command.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- autodiff [options]
  --nets <name,…>   Default all of them; --help names them
  --threads <n>     Threads that share large products on our side (1)
  --json            results as JSON on standard output, progress on standard error

Milliseconds a training step with Adam in f32, wall and CPU, the least of the rounds and their median, beside PyTorch on one
thread where python3 has it. SOUTHWELL_BLAS=openblas has our products done by OpenBLAS.`;

type T = ad.Tensor;
interface Net {
  readonly parameters: unknown;
  readonly loss: (p: never, x: T, y: T) => T;
  readonly x: T;
  readonly y: T;
}

/** Numbers of a seed, and how much of what: weights scaled by the root of what they sum over. */
let part = 0;
const key = ad.randomKey(1);
const weights = (...shape: number[]): T => {
  const inputs = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return ad.mul(ad.randomNormal(ad.foldIn(key, part++), shape, 'f32'), 1 / Math.sqrt(inputs));
};
const normals = (...shape: number[]): T => ad.randomNormal(ad.foldIn(key, part++), shape, 'f32');
const zeros = (n: number): T => ad.full([n], 0, 'f32');
const ones = (n: number): T => ad.full([n], 1, 'f32');
const classes = (shape: readonly number[], count: number): T =>
  ad.tensor(
    Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 7) % count),
    { shape },
  );

function perceptron(widths: readonly number[], batch: number, squares = false): Net {
  const parameters = widths.slice(1).map((n, i) => ({ w: weights(widths[i], n), b: zeros(n) }));
  const last = parameters.length - 1;
  const loss = (layers: typeof parameters, x: T, y: T): T => {
    const out = layers.reduce((h, { w, b }, i) => ad.linear(h, w, b, i < last ? 'relu' : undefined), x);
    return squares ? ad.mean(ad.square(out)) : ad.mean(ad.crossEntropy(out, y));
  };
  return {
    parameters,
    loss: loss as Net['loss'],
    x: normals(batch, widths[0]),
    y: classes([batch], squares ? 1 : widths.at(-1)!),
  };
}

function convolutional(): Net {
  const parameters = {
    ...{ f: weights(3, 3, 1, 16), a: zeros(16), g: weights(3, 3, 16, 32), b: zeros(32) },
    ...{ w: weights(14 * 14 * 32, 10), c: zeros(10) },
  };
  const loss = (p: typeof parameters, x: T, y: T): T => {
    const first = ad.maxPool(ad.relu(ad.add(ad.conv2d(x, p.f, { padding: 1 }), p.a)), 2);
    const second = ad.relu(ad.add(ad.conv2d(first, p.g, { padding: 1 }), p.b));
    return ad.mean(ad.crossEntropy(ad.linear(ad.reshape(second, [64, -1]), p.w, p.c), y));
  };
  return { parameters, loss: loss as Net['loss'], x: normals(64, 28, 28, 1), y: classes([64], 10) };
}

function lenet(): Net {
  const parameters = {
    ...{ f: weights(5, 5, 1, 6), a: zeros(6), g: weights(5, 5, 6, 16), b: zeros(16) },
    dense: [400, 120, 84].map((n, i) => ({ w: weights(n, [120, 84, 10][i]), b: zeros([120, 84, 10][i]) })),
  };
  const loss = (p: typeof parameters, x: T, y: T): T => {
    const first = ad.maxPool(ad.relu(ad.add(ad.conv2d(x, p.f, { padding: 2 }), p.a)), 2);
    const second = ad.maxPool(ad.relu(ad.add(ad.conv2d(first, p.g), p.b)), 2);
    const out = p.dense.reduce(
      (h, { w, b }, i) => ad.linear(h, w, b, i < 2 ? 'relu' : undefined),
      ad.reshape(second, [64, -1]),
    );
    return ad.mean(ad.crossEntropy(out, y));
  };
  return { parameters, loss: loss as Net['loss'], x: normals(64, 28, 28, 1), y: classes([64], 10) };
}

/** A decoder of two layers over 64 characters, context 64, batch 16, four heads. */
function transformer(d: number): Net {
  const [batch, context, heads, characters] = [16, 64, 4, 64];
  const layer = () => ({
    ...{ g: ones(d), b: zeros(d), qkv: weights(d, 3 * d), qb: zeros(3 * d), o: weights(d, d), ob: zeros(d) },
    ...{ h: ones(d), c: zeros(d), up: weights(d, 4 * d), ub: zeros(4 * d), down: weights(4 * d, d), db: zeros(d) },
  });
  const parameters = {
    ...{ e: normals(characters, d), positions: normals(context, d), layers: [layer(), layer()] },
    ...{ g: ones(d), b: zeros(d), w: weights(d, characters), c: zeros(characters) },
  };
  const loss = (p: typeof parameters, x: T, y: T): T => {
    let h = ad.add(ad.take(p.e, x), p.positions);
    for (const l of p.layers) {
      const packed = ad.reshape(ad.linear(ad.layerNorm(h, l.g, l.b), l.qkv, l.qb), [
        batch,
        context,
        3,
        heads,
        d / heads,
      ]);
      const [q, k, v] = [0, 1, 2].map((i) => ad.slice(packed, undefined, undefined, i));
      h = ad.add(h, ad.linear(ad.reshape(ad.attention(q, k, v, { causal: true }), [batch, context, d]), l.o, l.ob));
      h = ad.add(h, ad.linear(ad.gelu(ad.linear(ad.layerNorm(h, l.h, l.c), l.up, l.ub)), l.down, l.db));
    }
    return ad.mean(ad.crossEntropy(ad.linear(ad.layerNorm(h, p.g, p.b), p.w, p.c), y));
  };
  return {
    parameters,
    loss: loss as Net['loss'],
    x: classes([batch, context], characters),
    y: classes([batch, context], characters),
  };
}

/** A recurrent net over 64 positions, 128 numbers in, kept and out; then squares. */
function recurrent(layer: nn.Layer, batch: number): Net {
  const loss = (p: nn.Parameters, x: T): T => ad.mean(ad.square(nn.apply(layer, p, x)));
  return { parameters: nn.init(layer, key), loss, x: normals(batch, 64, 128), y: classes([1], 1) };
}
const sizes = { in: 128, hidden: 128 };

const nets: Record<string, () => Net> = {
  '49-16-16-10': () => perceptron([49, 16, 16, 10], 16),
  '64-32-10': () => perceptron([64, 32, 10], 16),
  '2-200-200-1': () => perceptron([2, 200, 200, 1], 1000, true),
  mlp: () => perceptron([784, 256, 10], 64),
  cnn: convolutional,
  lenet,
  'transformer-64': () => transformer(64),
  transformer: () => transformer(128),
  'lstm-1': () => recurrent(nn.lstm(sizes), 1),
  lstm: () => recurrent(nn.lstm(sizes), 16),
  'gru-1': () => recurrent(nn.gru(sizes), 1),
  gru: () => recurrent(nn.gru(sizes), 16),
};

/** Milliseconds a step: the least of the rounds and their median. */
interface Times {
  readonly wall: number;
  readonly median: number;
  readonly cpu: number;
}

function ours(make: () => Net): Times & { readonly megabytes: number; readonly calls: number } {
  const { parameters, loss, x, y } = make();
  const program = ad.compile(ad.valueAndGrad(loss as (p: unknown, x: T, y: T) => T)).prepare(parameters, x, y);
  const { arena, inputs, outputs } = program;
  const n = inputs[0].length;
  const moments = arena.f32Block(2 * n);
  moments.view.fill(0);
  const [m, v] = [moments.pointer, moments.pointer + 4 * n];
  let k = 0;
  const step = () => {
    program.run();
    k++;
    const [c1, c2] = [1 - 0.9 ** k, 1 - 0.999 ** k];
    arena.kernels.sadamStep(
      n,
      0.9,
      0.999,
      1e-3 / c1,
      1 / c2,
      1e-8,
      1,
      0,
      outputs[1].pointer,
      m,
      v,
      0,
      inputs[0].pointer,
    );
  };
  const times = timed(step);
  const found = { ...times, megabytes: program.bytes / 1e6, calls: program.steps.length };
  moments.free();
  program.free();
  return found;
}

/** 25 rounds of some 60 ms each, after warming up for as long as five. */
function timed(step: () => void): Times {
  const warm = performance.now() + 300;
  let steps = 0;
  while (performance.now() < warm) {
    step();
    steps++;
  }
  const count = Math.max(1, Math.round(steps / 5));
  const rounds = Array.from({ length: 25 }, () => {
    const [start, used] = [performance.now(), process.cpuUsage()];
    for (let i = 0; i < count; i++) step();
    const { user, system } = process.cpuUsage(used);
    return { wall: (performance.now() - start) / count, cpu: (user + system) / 1e3 / count };
  });
  const walls = rounds.map((r) => r.wall).sort((a, b) => a - b);
  return { wall: walls[0], median: walls[12], cpu: Math.min(...rounds.map((r) => r.cpu)) };
}

function theirs(name: string): (Times & { readonly torch: string }) | undefined {
  const { status, stdout } = spawnSync(python.command, [join(benchRoot, 'peers/autodiff.py'), name], {
    env: environment,
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1)!) : undefined;
}

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nets: { type: 'string' },
      threads: { type: 'string', default: '1' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(`${usage}\n\nNets: ${Object.keys(nets).join(', ')}.`);
    return 0;
  }
  const names = values.nets?.split(',') ?? Object.keys(nets);
  const unknown = names.find((name) => !Object.hasOwn(nets, name));
  if (unknown !== undefined)
    throw new Error(`There is no net '${unknown}'; there are ${Object.keys(nets).join(', ')}.`);
  const threads = await ad.useThreads(Number(values.threads));
  const say = values.json ? console.error : console.log;
  const products = accelerator()?.name ?? `${threads} thread${threads > 1 ? 's' : ''}`;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}, ${products}`,
  );
  say('milliseconds a training step: least and median of wall, least of CPU\n');
  const heads = ['wall', 'median', 'CPU', 'PyTorch', 'median', 'CPU', 'ratio', 'MB', 'calls'];
  say(`${'net'.padEnd(16)}${heads.map((t) => t.padStart(9)).join('')}`);
  const results: object[] = [];
  for (const name of names) {
    const own = ours(nets[name]);
    const peer = theirs(name);
    const ratio = peer && own.wall / peer.wall;
    results.push({ net: name, products, own, peer, ratio });
    const cells = [own.wall, own.median, own.cpu, peer?.wall, peer?.median, peer?.cpu, ratio, own.megabytes, own.calls];
    say(
      `${name.padEnd(16)}${cells.map((v) => (v === undefined ? '–' : Number(v.toPrecision(3)).toString()).padStart(9)).join('')}`,
    );
  }
  await ad.useThreads(1);
  if (values.json) console.log(JSON.stringify(results));
  return 0;
}
