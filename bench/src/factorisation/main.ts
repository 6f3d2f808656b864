import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readNpyMatrix } from '@southwell/data/node';
import { DenseMatrix, Random } from 'southwell';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot, type DataSet, missing, prepare, real, sharedFile } from '../linear-models/datasets.ts';
import { environment, findVersions, python } from '../linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- factorisation [options]
  --tasks <list>    tasks by name or by beginning, such as nmf,svd-faces
  --json            results as JSON on standard output, progress on standard error

NMF until it has the objective at which scikit-learn ends (at most 200 rounds, tolerance 1e-6, nndsvda), by coordinate
descent or, of the Kullback–Leibler loss, multiplicative updates; singular triplets until their residuals are those of
scikit-learn's randomized_svd (svd), or those of SciPy's svds by PROPACK (exact), beside ARPACK. One thread each.`;

const faces: DataSet = {
  name: 'faces',
  about: 'CBCL faces, pixels by faces, dense',
  needs: 'nmf_faces/CBCL_Face.mat',
  make: async () => {
    const out = join(benchRoot, '.cache/faces-raw.npy');
    const script = `
import sys, numpy as np, scipy.io
m = scipy.io.loadmat(sys.argv[1])
X = [v for k, v in m.items() if not k.startswith('__') and getattr(v, 'shape', 0) == (361, 2429)][0]
np.save(sys.argv[2], np.asfortranarray(X.astype(float)))`;
    const { status, stderr } = spawnSync(python.command, ['-c', script, sharedFile('nmf_faces/CBCL_Face.mat'), out], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`CBCL_Face.mat needs python3 with scipy: ${stderr.trim().split('\n').at(-1)}`);
    return { X: await readNpyMatrix(out), y: new Float64Array(361), labels: new Float64Array(361) };
  },
};

/** Fifty sparse components plus noise. */
const parts: DataSet = {
  name: 'parts',
  about: '2000 × 10000 dense: fifty non-negative parts, half of their entries zero, and noise',
  make: async () => {
    const random = new Random(3);
    const [rows, cols, k] = [2000, 10_000, 50];
    const factor = (n: number) =>
      Float64Array.from({ length: n * k }, () => (random.uniform() < 0.5 ? 0 : random.exponential()));
    const [W, H] = [factor(rows), factor(cols)];
    const X = DenseMatrix.create(rows, cols);
    for (let j = 0; j < cols; j++) {
      const column = X.column(j);
      for (let a = 0; a < k; a++) {
        const h = H[j * k + a];
        if (h > 0) for (let i = 0; i < rows; i++) column[i] += W[a * rows + i] * h;
      }
      for (let i = 0; i < rows; i++) column[i] += 5 * Math.abs(random.normal());
    }
    return { X, y: new Float64Array(rows), labels: new Float64Array(rows) };
  },
};

interface Task {
  readonly name: string;
  readonly set: DataSet;
  readonly kind: 'nmf' | 'kl' | 'svd' | 'exact' | 'arpack';
  readonly rank: number;
}

const tasks: readonly Task[] = [
  { name: 'nmf-faces', set: faces, kind: 'nmf', rank: 49 },
  { name: 'nmf-reuters', set: real.reuters, kind: 'nmf', rank: 20 },
  { name: 'nmf-parts', set: parts, kind: 'nmf', rank: 50 },
  { name: 'kl-faces', set: faces, kind: 'kl', rank: 20 },
  { name: 'kl-reuters', set: real.reuters, kind: 'kl', rank: 20 },
  { name: 'svd-faces', set: faces, kind: 'svd', rank: 20 },
  { name: 'svd-reuters', set: real.reuters, kind: 'svd', rank: 50 },
  { name: 'svd-parts', set: parts, kind: 'svd', rank: 20 },
  { name: 'exact-reuters-20', set: real.reuters, kind: 'exact', rank: 20 },
  { name: 'exact-reuters-100', set: real.reuters, kind: 'exact', rank: 100 },
  { name: 'arpack-reuters-20', set: real.reuters, kind: 'arpack', rank: 20 },
  { name: 'arpack-reuters-100', set: real.reuters, kind: 'arpack', rank: 100 },
];

interface Answer {
  readonly cpu: number;
  readonly value: number;
  readonly peak: number;
  readonly loaded: number;
  readonly iterations?: number;
  readonly method?: string;
}

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: { tasks: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const names = values.tasks?.split(',');
  const matches = (t: Task, name: string) => t.name === name || t.name.startsWith(`${name}-`);
  for (const name of names ?? []) {
    if (!tasks.some((t) => matches(t, name))) {
      throw new Error(`There is no task "${name}"; there are ${tasks.map((t) => t.name).join(', ')}.`);
    }
  }
  const say = values.json ? console.error : console.log;
  const { sklearn, numpy } = findVersions();
  if (!sklearn)
    throw new Error('There is no scikit-learn to compare with; SOUTHWELL_PYTHON names a python that has it.');
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`,
  );
  say(`scikit-learn ${sklearn}, numpy ${numpy}, one thread each; seconds of CPU, MB at the peak\n`);
  say(`${'task'.padEnd(19)}${['southwell', 'peer', 'ratio', 'MB', 'MB'].map((t) => t.padStart(11)).join('')}  value`);
  const results: Measurement[] = [];
  for (const task of tasks.filter((t) => !names || names.some((name) => matches(t, name)))) {
    const absent = missing(task.set);
    if (absent) {
      say(`${task.name.padEnd(19)}left out: ${absent}`);
      continue;
    }
    const { dir, X } = await prepare(task.set);
    X.free();
    const common = [dir, task.kind, String(task.rank)];
    const script = join(benchRoot, 'peers/factorisation.py');
    const peer = answer(python.command, [script, ...common]);
    const file = fileURLToPath(new URL('./ours.js', import.meta.url));
    const ours = answer(process.execPath, [file, ...common, String(peer.value)]);
    const peerName = task.kind === 'exact' || task.kind === 'arpack' ? 'SciPy' : 'scikit-learn';
    const sides = { ours: ours.cpu, peer: peer.cpu, peerName, memoryRatio: ours.peak / peer.peak };
    results.push({ name: task.name, ...sides, own: ours, theirs: peer });
    const cells = [ours.cpu, peer.cpu, ours.cpu / peer.cpu].map((v) => v.toPrecision(3).padStart(11));
    const sizes = [ours.peak, peer.peak].map((v) => v.toFixed(0).padStart(11));
    const rounds =
      task.kind === 'nmf' || task.kind === 'kl' ? `${ours.iterations} rounds, ${peer.iterations}` : ours.method;
    say(
      `${task.name.padEnd(19)}${[...cells, ...sizes].join('')}  ${ours.value.toPrecision(5)}, ${peer.value.toPrecision(5)}; ${rounds}`,
    );
  }
  return { tasks: results, json: values.json };
}

function answer(program: string, args: readonly string[]): Answer {
  const { status, stdout, stderr } = spawnSync(program, args, { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args[0]} ended: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
