import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readNpyMatrix } from '@southwell/data/node';
import { invert } from '@southwell/numerics/linalg';
import { DenseMatrix } from 'southwell';
import {
  exponentialAcyclicity,
  hammingDistance,
  logDetAcyclicity,
  moments,
  orderScore,
  residualVariances,
  simulateGraph,
  simulateSem,
  thresholdToDag,
  topologicalOrder,
} from 'southwell/structure-learning';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot, type DataSet, prepare } from '../linear-models/datasets.ts';
import { environment, findVersions, python } from '../linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- structure-learning [options]
  --tasks <list>     tasks by name or by beginning, such as colide,notears-er1
  --official <dir>   folder with clones of xunzheng/notears, SAMiatto/colide and kevinsbello/dagma by these names;
                     without them southwell runs alone on their tasks
  --json             results as JSON on standard output, progress on standard error

Graphs of 100 variables with 100, 200 and 400 expected edges, 1000 rows, noise of variance 1. CPU seconds of whole fits on
the same arrays, one thread each. Each code ends by its own rule, which is the same (NOTEARS: h at most 1e-8; CoLiDE and
DAGMA: the schedule of stages); beside the seconds stand what both minimise and h at the end, so that less time for a worse
end is seen, and wrong edges at threshold 0.3. GOLEM: 3000 steps beside NumPy's (its own code needs TensorFlow). Swaps have
no peer here but the bar of 60 seconds, with their score less that of the true order as objective.`;

const NODES = 100;
const kinds = ['colide', 'dagma', 'notears', 'golem', 'topo'] as const;
type Kind = (typeof kinds)[number];

interface Task {
  readonly name: string;
  readonly kind: Kind;
  /** Expected number of edges per node. */
  readonly degree: number;
}

const degreesOf: Readonly<Record<Kind, readonly number[]>> = {
  colide: [1, 2, 4],
  dagma: [2],
  // With four edges per node NOTEARS takes a quarter of an hour here and hours in Python.
  notears: [1, 2],
  // On denser graphs I − W becomes nearly singular, and rounding decides the path of the iteration.
  golem: [1, 2],
  topo: [4],
};

const tasks: readonly Task[] = kinds.flatMap((kind) =>
  degreesOf[kind].map((degree) => ({
    name: `${kind}-er${degree}`,
    kind,
    degree,
  })),
);

const truthOf = (degree: number): DenseMatrix => simulateGraph({ nodes: NODES, edges: degree * NODES, seed: degree });

const graphData = (degree: number): DataSet => ({
  name: `er${degree}`,
  about: `1000 rows of a linear model on an Erdős–Rényi graph of ${NODES} nodes and about ${degree * NODES} edges`,
  make: async () => {
    const X = simulateSem(truthOf(degree), { n: 1000, seed: 100 + degree });
    return { X, y: new Float64Array(1000), labels: new Float64Array(1000) };
  },
});

interface Answer {
  readonly cpu: number;
  /** The estimated W, as a .npy file. */
  readonly W: string;
}

interface End {
  readonly cpu: number;
  readonly objective: number;
  readonly h: number;
  readonly wrongEdges: number;
}

/** A method's objective and its own acyclicity function h, at W. */
function atEnd(kind: Kind, C: DenseMatrix, W: DenseMatrix, truth: DenseMatrix): { objective: number; h: number } {
  const total = residualVariances(C, W).reduce((a, b) => a + b);
  const norm = W.data.reduce((sum, w) => sum + Math.abs(w), 0);
  const { h } = exponentialAcyclicity(W);
  if (kind === 'notears') return { objective: total / 2 + 0.1 * norm, h };
  // tr e^(W∘W) is insensitive to the small weights that these two leave; they use −log det.
  if (kind === 'colide') {
    const logDet = logDetAcyclicity(W, 0.7).h;
    return { objective: 1e-3 * (Math.sqrt(NODES * total) + 0.05 * norm) + logDet, h: logDet };
  }
  if (kind === 'dagma') {
    const logDet = logDetAcyclicity(W, 0.6).h;
    return { objective: 1e-4 * (total / 2 + 0.03 * norm) + logDet, h: logDet };
  }
  if (kind === 'golem') {
    const A = DenseMatrix.create(NODES, NODES);
    for (let j = 0; j < NODES; j++) for (let i = 0; i < NODES; i++) A.set(i, j, (i === j ? 1 : 0) - W.get(i, j));
    return { objective: (NODES / 2) * Math.log(total) - invert(A) + 0.02 * norm + 5 * h, h };
  }
  return { objective: total / 2 - orderScore(C, topologicalOrder(truth)!), h };
}

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tasks: { type: 'string' },
      official: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
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
  const { official } = values;
  if (official !== undefined && !existsSync(official)) throw new Error(`There is no folder ${official}.`);
  const path = official === undefined ? [] : ['notears', 'colide', 'dagma/src'].map((part) => join(official, part));
  const say = values.json ? console.error : console.log;
  const { numpy } = findVersions();
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}; numpy ${numpy ?? 'absent'}`,
  );
  say('One thread each; seconds of CPU, objective, h and wrong edges at the end: southwell, peer\n');
  const results: Measurement[] = [];
  for (const task of tasks.filter((t) => !names || names.some((name) => matches(t, name)))) {
    const { dir, X } = await prepare(graphData(task.degree));
    const { C } = moments(X, { centre: task.kind !== 'topo' });
    X.free();
    const truth = truthOf(task.degree);
    const end = async ({ cpu, W: file }: Answer): Promise<End> => {
      const W = await readNpyMatrix(file);
      const wrongEdges = hammingDistance(truth, thresholdToDag(W, 0.3));
      return { cpu, ...atEnd(task.kind, C, W, truth), wrongEdges };
    };
    const script = fileURLToPath(new URL('./ours.js', import.meta.url));
    const ours = await end(answer(process.execPath, [script, dir, task.kind]) as Answer);
    let peer: End | undefined;
    let absent: string | undefined;
    if (task.kind === 'topo') absent = 'its bar is 60 seconds';
    else {
      const file = join(benchRoot, 'peers/structure_learning.py');
      const said = answer(python.command, [file, dir, task.kind], path);
      if ('absent' in said) absent = said.absent;
      else peer = await end(said);
    }
    const peerName = task.kind === 'golem' ? 'NumPy' : task.kind;
    results.push({ name: task.name, ours: ours.cpu, peer: peer?.cpu, peerName, own: ours, theirs: peer, absent });
    const pair = (f: (e: End) => string) => `${f(ours)}, ${peer ? f(peer) : '–'}`.padEnd(24);
    say(
      `${task.name.padEnd(13)}${[
        pair((e) => e.cpu.toPrecision(3)),
        pair((e) => e.objective.toPrecision(6)),
        pair((e) => e.h.toExponential(1)),
        pair((e) => String(e.wrongEdges)),
      ].join('')}${peer ? `time ${(ours.cpu / peer.cpu).toPrecision(2)}` : absent}`,
    );
  }
  return { tasks: results, json: values.json };
}

function answer(
  program: string,
  args: readonly string[],
  path: readonly string[] = [],
): Answer | { readonly absent: string } {
  const PYTHONPATH = [...path, process.env.PYTHONPATH ?? ''].filter((p) => p !== '').join(delimiter);
  const env = PYTHONPATH === '' ? environment : { ...environment, PYTHONPATH };
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${args[0]} ended: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
