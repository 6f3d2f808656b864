// Compressed messages, steps and bytes of training on ranks, beside PyTorch.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { aggregatorRows } from './aggregators.ts';
import { codedRows } from './coded.ts';
import { federatedRows } from './federated.ts';
import { gossipRows } from './gossip.ts';
import { messageRows } from './messages.ts';
import { stepRows } from './steps.ts';
import { linkRows, type Skipped, wireRows } from './wire.ts';

const PARTS = ['messages', 'aggregators', 'gossip', 'steps', 'bytes', 'link', 'federated', 'coded'];

const usage = `Usage: npm run bench -- distributed-methods [options]
  --parts <name,…>  Of ${PARTS.join(', ')}; default all
  --lengths <n,…>   Of the vectors of messages; default 1000000,10000000
  --shapes <p×n,…>  Gradients × entries of aggregators; default 5x10000,15x1000000,60x100000
  --rounds <n>      Of steps, of which the quickest counts; default 2
  --rows <n>        Of a9a for federated; default all
  --json            results as JSON on standard output, progress on standard error

messages: compressed messages of normal vectors, CPU seconds on one thread to make the message and to restore the vector, the least
of a few rounds, beside PyTorch's top-k, signs and power iteration (SOUTHWELL_PYTHON names a python that has it). Ours are vectors of
64 bits, packed into bytes; PyTorch's have 32 bits, with indices of 64 and a byte for each sign.
aggregators: CPU seconds on one thread to aggregate gradients of 32 bits, beside NumPy with sums of 32 bits, and of 64 as ours have.
gossip: CPU seconds of a million events of DADAO in one process, beside the same updates with NumPy and a heap of clocks.
steps: wall seconds of a step of train on two ranks in threads, beside PyTorch's DistributedDataParallel on gloo.
bytes: what two ranks of Open MPI over TCP say that they sent, beside the kernel's counter; needs root, unshare and ip.
link: wall seconds to an accuracy on two network namespaces with a cable of 100 Mbit/s, top-k beside dense; needs root, ip and tc.
federated: rounds of federated logistic regression of a9a over 36 clients until the model is within 1e-8 of scikit-learn's on all rows, beside
those of consensus ADMM without relaxation and acceleration.
coded: wall seconds of jobs under gradient codes on 16 workers in threads, of which two are ten times as slow, always or in every third
round, beside waiting for all, and the share of the seconds that the model of the code says are saved.`;

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      parts: { type: 'string', default: PARTS.join() },
      lengths: { type: 'string', default: '1000000,10000000' },
      shapes: { type: 'string', default: '5x10000,15x1000000,60x100000' },
      rounds: { type: 'string', default: '2' },
      rows: { type: 'string', default: '32561' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const parts = values.parts.split(',');
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`--parts knows no '${unknown}'; there are ${PARTS.join(', ')}.`);
  const lengths = values.lengths.split(',').map(Number);
  if (!lengths.every((n) => Number.isInteger(n) && n >= 100 && n <= 1e8))
    throw new Error('--lengths are whole numbers from 100 to 100000000.');
  const shapes = values.shapes.split(',').map((shape) => shape.split('x').map(Number));
  if (!shapes.every((shape) => shape.length === 2 && shape.every((n) => Number.isInteger(n) && n >= 2 && n <= 1e8)))
    throw new Error('--shapes are numbers of gradients and of entries such as 15x1000000.');
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1.');
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 360) throw new Error('--rows is a whole number from 360.');
  const say = values.json ? console.error : console.log;
  const load = loadavg()[0];
  say(`${cpus()[0]?.model ?? 'unknown processor'}, load ${load.toFixed(1)} at the start; Node ${process.version}`);
  const tasks: Measurement[] = [];
  const skipped: Skipped[] = [];
  if (parts.includes('messages')) tasks.push(...messageRows(lengths, say));
  if (parts.includes('aggregators')) tasks.push(...aggregatorRows(shapes as [number, number][], say));
  if (parts.includes('gossip')) tasks.push(...gossipRows(say));
  if (parts.includes('steps')) tasks.push(...(await stepRows(rounds, say)));
  if (parts.includes('federated')) tasks.push(...federatedRows(rows, say));
  if (parts.includes('coded')) tasks.push(...(await codedRows(say)));
  for (const [part, measured] of Object.entries({ bytes: wireRows, link: linkRows })) {
    if (!parts.includes(part)) continue;
    const found = measured(say);
    tasks.push(...found.tasks);
    skipped.push(...found.skipped);
  }
  return { tasks, json: values.json, more: { load, skipped } };
}
