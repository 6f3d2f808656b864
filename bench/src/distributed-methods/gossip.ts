// Events of DADAO in one process, beside NumPy with a heap of clocks and the same updates.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Random } from '@southwell/numerics/core';
import {
  type Client,
  dadao,
  type Graph,
  graphSpectrum,
  gridGraph,
  randomGeometricGraph,
  starGraph,
} from 'southwell/distributed-methods';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

const EVENTS = 1e6;
/** The peer's seconds are those of fewer events, per event. */
const PEER_EVENTS = 5e4;
const [MU, L] = [0.4, 1];

interface Case {
  readonly name: string;
  readonly graph: Graph;
  readonly d: number;
}

const cases = (): readonly Case[] => [
  { name: 'star of 300 nodes, d = 2', graph: starGraph(300), d: 2 },
  { name: 'grid of 15 × 20 nodes, d = 2', graph: gridGraph(15, 20), d: 2 },
  { name: '100 nodes in a square, d = 50', graph: randomGeometricGraph(100, { seed: 1 }), d: 50 },
];

/** Seconds of a million events. */
export function gossipRows(say: (line: string) => void): Measurement[] {
  const peers = numpy(cases());
  say(`\n${''.padEnd(36)}${['ours, s', 'NumPy', 'ratio', 'first'].map((t) => t.padStart(10)).join('')}`);
  return cases().map(({ name, graph, d }, k) => {
    const { seconds: first } = ours(graph, d);
    const { seconds } = ours(graph, d);
    const peer = peers === undefined ? undefined : peers[k].seconds * EVENTS;
    const cells = [seconds, peer, peer === undefined ? undefined : seconds / peer, first];
    say(`${name.padEnd(36)}${cells.map((t) => (t?.toPrecision(3) ?? '–').padStart(10)).join('')}`);
    const task = `gossip, ${name}, 10⁶ events`;
    return { name: task, ours: seconds, peer: peer ?? null, peerName: 'NumPy and heapq', first };
  });
}

function ours(graph: Graph, d: number): { readonly seconds: number } {
  const random = new Random(1);
  const local = Array.from({ length: graph.n }, (): Client => {
    const target = Float64Array.from({ length: d }, () => random.uniform());
    return {
      gradient(x, into) {
        for (let j = 0; j < d; j++) into[j] = x[j] - target[j];
        return undefined;
      },
    };
  });
  const before = process.cpuUsage();
  const time = EVENTS / (graph.n + graphSpectrum(graph).scale);
  const { status } = dadao(
    { local, graph, mu: MU, L, start: new Float64Array(d) },
    { optimum: new Float64Array(d), interval: time, maxIter: 1 },
  );
  if (status !== 'iteration-limit') throw new Error(`The run ended as ${status}.`);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6 };
}

/** NumPy's seconds per event; undefined if it is not installed. */
function numpy(all: readonly Case[]): ReadonlyArray<{ readonly seconds: number }> | undefined {
  const script = join(benchRoot, 'peers', 'gossip.py');
  const input = all.map(({ graph, d }) => {
    const { scale, chi1 } = graphSpectrum(graph);
    const links = Array.from(graph.from, (i, k) => [i, graph.to[k]]);
    const rates = links.map(() => scale / links.length);
    return { n: graph.n, d, links, rates, events: PEER_EVENTS, mu: MU, L, chi1: chi1 / scale };
  });
  const { status, stdout } = spawnSync(python.command, [script, JSON.stringify({ cases: input })], {
    encoding: 'utf8',
    env: environment,
  });
  return status === 0 ? JSON.parse(stdout).cases : undefined;
}
