import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeNpy } from '@southwell/data';
import { DenseMatrix, Random } from 'southwell';
import { isotonicRegression, monotoneRegression } from 'southwell/isotonic';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, findVersions, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- isotonic [options]
  --rows <N,…>   Default 1000,100000,1000000
  --json         results as JSON on standard output, progress on standard error

Isotonic regression beside scikit-learn's: the fit, and the fit with predictions at its own rows; whole calls, CPU seconds,
the best of five or of what 0.3 seconds allow. The sums of squares must agree. Then monotone regression on two columns, for which there is no peer.`;

/** x and y of each shape, from standard normal numbers. */
const shapes: Record<string, (n: number, random: Random) => [x: Float64Array, y: Float64Array]> = {
  random: (n, random) => {
    const x = normals(n, random);
    return [x, x.map((v) => v + random.normal())];
  },
  sorted: (n, random) => [positions(n), positions(n).map((v) => v / n + random.normal())],
  'against the order': (n) => [positions(n), positions(n).map((v) => -v)],
  ties: (n, random) => {
    const x = Float64Array.from({ length: n }, () => random.integer(100));
    return [x, x.map((v) => v / 30 + random.normal())];
  },
};
const normals = (n: number, random: Random) => Float64Array.from({ length: n }, () => random.normal());
const positions = (n: number) => Float64Array.from({ length: n }, (_, i) => i);

interface Answer {
  readonly fit: number;
  readonly whole: number;
  readonly value: number;
}

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '1000,100000,1000000' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const sizes = values.rows.split(',').map(Number);
  if (!sizes.every((n) => Number.isInteger(n) && n >= 1)) throw new Error('--rows are whole numbers from 1.');
  const { sklearn, numpy } = findVersions();
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}, ${sklearn ? `scikit-learn ${sklearn}, numpy ${numpy}` : 'no scikit-learn (SOUTHWELL_PYTHON names a python that has it)'}`,
  );
  say(`milliseconds of CPU: of the fit, and with predictions\n`);
  const heads = ['rows', 'southwell', 'sklearn', 'ratio', 'southwell', 'sklearn', 'ratio'];
  say(`${'data'.padEnd(18)}${heads.map((t) => t.padStart(11)).join('')}`);
  const results: Measurement[] = [];
  for (const [name, make] of Object.entries(shapes)) {
    for (const n of sizes) {
      const [x, y] = make(n, new Random(1));
      const [own, peer] = [ours(x, y), sklearn ? theirs(x, y) : undefined];
      if (peer && Math.abs(own.value - peer.value) > 1e-9 * peer.value)
        throw new Error(`${name}: the sum of squares is ${own.value}, but ${peer.value} for scikit-learn.`);
      const [data, peerName] = [{ data: name, rows: n }, 'scikit-learn'];
      results.push({ name: `${name}, ${n}, fit`, ours: own.fit, peer: peer?.fit, peerName, ...data });
      results.push({ name: `${name}, ${n}, fit and predict`, ours: own.whole, peer: peer?.whole, peerName, ...data });
      const beside = (mine: number, its: number | undefined) =>
        its === undefined ? [1e3 * mine, undefined, undefined] : [1e3 * mine, 1e3 * its, mine / its];
      const cells = [...beside(own.fit, peer?.fit), ...beside(own.whole, peer?.whole)];
      say(
        `${name.padEnd(18)}${[String(n), ...cells.map((v) => v?.toPrecision(3) ?? '–')].map((t) => t.padStart(11)).join('')}`,
      );
    }
  }
  say(`\nmonotone in two columns: seconds, iterations`);
  for (const n of [1000, 10_000]) {
    const random = new Random(1);
    const rows = Array.from({ length: n }, () => [random.uniform(), random.uniform()]);
    const { status, seconds, iterations } = monotoneRegression(
      rows,
      rows.map(([a, b]) => a + b + random.normal()),
    );
    const data = { data: 'two columns', rows: n, status, iterations };
    results.push({ name: `two columns, ${n}`, ours: seconds, unit: 'wall seconds', ...data });
    say(`${String(n).padStart(7)} rows: ${seconds.toPrecision(3)} s, ${iterations} iterations, ${status}`);
  }
  return { tasks: results, json: values.json };
}

function ours(x: Float64Array, y: Float64Array): Answer {
  let [fit, whole, value] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  const end = performance.now() + 300;
  for (let r = 0; r < 5 || performance.now() < end; r++) {
    const start = process.cpuUsage();
    const seconds = () => {
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    };
    const { point } = isotonicRegression(x, y);
    fit = Math.min(fit, seconds());
    const fitted = point.model.predict(x);
    whole = Math.min(whole, seconds());
    value = fitted.reduce((sum, v, i) => sum + (y[i] - v) ** 2, 0);
  }
  return { fit, whole, value };
}

function theirs(x: Float64Array, y: Float64Array): Answer {
  const folder = join(benchRoot, '.cache');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'isotonic.npy');
  const both = DenseMatrix.create(x.length, 2);
  both.column(0).set(x);
  both.column(1).set(y);
  writeFileSync(file, writeNpy(both));
  both.free();
  const { status, stdout, stderr } = spawnSync(python.command, [join(benchRoot, 'peers/isotonic.py'), file], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`isotonic.py ended: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
