import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeCsv } from '@southwell/data';
import { decodeCheckpoint } from '@southwell/numerics/core';
import type { LearnedGraph } from '@southwell/tasks';
import type { DenseMatrix } from 'southwell';
import { simulateBinarySem, simulateGraph, simulateNonlinearSem } from 'southwell/structure-learning';
import { beforeAll, describe, expect, test } from 'vitest';
import { graphFiles, graphOf, learning } from './testing/graph.ts';
import { workshop } from './testing.ts';

const { at, file, here, interrupted, killed, southwell, stopped } = workshop();
const learn = learning(here);
beforeAll(() => graphFiles(file));

test('swaps of graphs by networks', async () => {
  const graph = simulateGraph({ nodes: 5, edges: 6, weights: [1, 2], seed: 3 });
  const columns = (X: DenseMatrix) => Object.fromEntries(Array.from({ length: 5 }, (_, j) => [`v${j}`, X.column(j)]));
  file('curved.csv', await writeCsv(columns(simulateNonlinearSem(graph, { n: 100, seed: 4 }))));
  const networks = await learn('curved.csv', '--method', 'notears', '--score', 'mlp');
  expect(networks).toMatchObject({ method: 'notears, networks', lambda: 0.01 });
  for (const { weight } of networks.edges) expect(weight).toBeGreaterThan(0.3);
  // The score of networks is that of NOTEARS, and swaps only lower it.
  const swapped = await learn('curved.csv', '--method', 'notears', '--score', 'mlp', '--refine');
  expect(swapped).toMatchObject({ method: 'notears, networks, then swaps', lambda: 0.01, status: 'converged' });
  expect(swapped.objective).toBeLessThanOrEqual(networks.objective + 1e-6);
  const alone = await learn('curved.csv', '--method', 'topo', '--score', 'mlp', '--lambda', '0.02');
  expect(alone).toMatchObject({ method: 'topo, networks', lambda: 0.02, status: 'converged' });
  for (const { weight } of swapped.edges) expect(weight).toBeGreaterThan(0.3);
});

test('Ctrl-C during swaps of networks keeps the best graph so far', async () => {
  // From a random order of sixteen, the swaps go on for minutes.
  const graph = simulateGraph({ nodes: 16, edges: 30, weights: [1, 2], seed: 3 });
  const X = simulateNonlinearSem(graph, { n: 400, seed: 4 });
  file('curves.csv', await writeCsv(Object.fromEntries(Array.from({ length: 16 }, (_, j) => [`v${j}`, X.column(j)]))));
  const method = ['--method', 'topo', '--score', 'mlp'];
  const args = ['graph', 'learn', 'curves.csv', ...method, '--out', 'swapped.csv', '--json'];
  const { code, out } = await interrupted(args, /swaps tried/);
  expect(code).toBe(3);
  expect(JSON.parse(out).status).toBe('aborted');
  expect(existsSync(at('swapped.csv'))).toBe(true);
});

test('Ctrl-C keeps the graph so far, writes it, exits 3; a second one quits', async () => {
  const args = ['graph', 'learn', 'wide.csv', '--bootstrap', '500', '--out', 'stopped.csv', '--json'];
  const { code, out, err } = await interrupted(args, /colide: iteration|bootstrap/);
  expect(err).toMatch(/colide: iteration|bootstrap/);
  expect(err).toMatch(/Stopping; the graph so far is kept/);
  expect(code).toBe(3);
  expect(JSON.parse(out).status).toBe('aborted');
  expect(existsSync(at('stopped.csv'))).toBe(true);
});

test.each([
  ['colide', 'middle.csv', []],
  ['dagma with shares', 'cells.csv', ['--method', 'dagma', '--bootstrap', '12']],
  ['golem, swaps', 'middle.csv', ['--method', 'golem', '--refine']],
  ['notears', 'middle.csv', ['--method', 'notears']],
  ['networks', 'curves.csv', ['--method', 'topo', '--score', 'mlp', '--drop', 'v8,v9,v10,v11,v12,v13,v14,v15']],
] as const)('kill −9 and --resume: the graph of a run that was never stopped (%s)', async (name, data, options) => {
  const args = ['graph', 'learn', data, ...options, '--json'];
  const kept = ['--checkpoint', `${name}.ck`];
  // Written at the first boundary, and every two seconds again.
  expect(await killed([...args, ...kept], () => existsSync(at(`${name}.ck`)))).toBe(true);
  const resumed = southwell(...args, ...kept, '--resume');
  expect([resumed.err, resumed.code]).toEqual(['', 0]);
  expect(graphOf(resumed.out)).toEqual(graphOf(southwell(...args).out));
  // What is done ends at once, with the same.
  const again = southwell(...args, ...kept, '--resume');
  expect(graphOf(again.out)).toEqual(graphOf(resumed.out));
  const other = southwell(...args, ...kept, '--resume', '--threshold', '0.2');
  expect([other.code, other.err]).toEqual([2, expect.stringMatching(/other data or other options/)]);
});

describe('on several ranks', () => {
  beforeAll(async () => {
    const X = simulateBinarySem(simulateGraph({ nodes: 4, edges: 4, seed: 2 }), { n: 200, seed: 3 });
    file('yes-no.csv', await writeCsv({ a: X.column(0), b: X.column(1), c: X.column(2), d: X.column(3) }));
  });

  const table = (args: readonly string[]) => (args.includes('logistic') ? 'yes-no.csv' : 'cells.csv');

  test.each([
    ['2', '--variance', 'equal', '--bootstrap', '4'],
    // More ranks than samples; a method of rows, known edges, a seed.
    ['4', '--method', 'topo', '--seed', '3', '--require', 'v0:v1', '--bootstrap', '2'],
    ['3', '--method', 'notears', '--score', 'logistic', '--bootstrap', '4'],
  ])('%s ranks draw the same samples as one, bit for bit: %s %s', async (ranks, ...args) => {
    expect(await learn(table(args), ...args, '--ranks', ranks)).toEqual(await learn(table(args), ...args));
  });

  test('a bootstrap that was killed goes on with another number of ranks', async () => {
    const args = ['--variance', 'equal', '--bootstrap', '30'];
    const kept = ['--checkpoint', at('shares.json')];
    const cut = () => existsSync(at('shares.json')) && readFileSync(at('shares.json'), 'utf8').includes('bootstrap');
    const whole = ['graph', 'learn', at('cells.csv'), ...args, ...kept, '--ranks', '2'];
    expect(await killed(whole, cut)).toBe(true);
    const { samples } = decodeCheckpoint<{ bootstrap: { state: { samples: number } } }>(
      readFileSync(at('shares.json'), 'utf8'),
    ).state.bootstrap.state;
    expect(samples).toBeLessThan(30);
    expect(await learn('cells.csv', ...args, ...kept, '--resume', '--ranks', '3')).toEqual(
      await learn('cells.csv', ...args),
    );
  });

  test('Ctrl-C keeps the shares so far', async () => {
    const args = ['graph', 'learn', 'wide.csv', '--bootstrap', '5000', '--ranks', '2', '--json'];
    const { code, out } = await interrupted(args, /bootstrap: sample [2-9]/);
    expect(code).toBe(3);
    const { bootstrap, edges } = JSON.parse(out);
    expect(bootstrap.done).toBeGreaterThan(0);
    expect(bootstrap.done).toBeLessThan(5000);
    for (const { confidence } of edges) expect(Math.abs(confidence * bootstrap.done) % 1).toBeCloseTo(0, 9);
  });
});

// Sachs et al., Science 308 (2005): 853 cells without intervention come first in the file.
const sachs = fileURLToPath(new URL('../../../../shared/data/sachs/', import.meta.url));
test.skipIf(!existsSync(`${sachs}cyto_full_data.csv`))('protein signals (needs ../shared/data/sachs)', () => {
  file('sachs.csv', `${readFileSync(`${sachs}cyto_full_data.csv`, 'utf8').split('\n').slice(0, 854).join('\n')}\n`);
  const run = southwell('graph', 'learn', 'sachs.csv', '--out', 'sachs-edges.csv', '--json');
  expect(run.code).toBe(0);
  const learned = JSON.parse(run.out) as LearnedGraph;
  expect(learned.data.rows).toBe(853);
  // The two strongest links of the pathway are found, in either direction.
  const linked = (a: string, b: string) =>
    learned.edges.some((e) => [e.from, e.to].sort().join() === [a, b].sort().join());
  expect(linked('praf', 'pmek')).toBe(true);
  expect(linked('PIP2', 'PIP3')).toBe(true);
  const shd = (graph: string) =>
    JSON.parse(southwell('graph', 'compare', graph, 'sachs-edges.csv', '--json').out).shd as number;
  // The file's own graph has 18 edges and a cycle; studies count against the 17 edges of the consensus network of bnlearn,
  // where CoLiDE reports 12 (ICLR 2024).
  expect(shd(`${sachs}cyto_full_target.csv`)).toBe(18);
  const PKC = ['PKA', 'praf', 'pmek', 'pjnk', 'P38'].map((to) => `PKC,${to}`);
  const PKA = ['praf', 'pmek', 'p44/42', 'pakts473', 'pjnk', 'P38'].map((to) => `PKA,${to}`);
  const others = ['praf,pmek', 'pmek,p44/42', 'p44/42,pakts473', 'plcg,PIP2', 'plcg,PIP3', 'PIP3,PIP2'];
  file('consensus.csv', `from,to\n${[...PKC, ...PKA, ...others].join('\n')}\n`);
  expect(shd('consensus.csv')).toBe(12);
});

test('binary variables by the logistic score, with shares of samples; nonlinear effects by networks', async () => {
  const graph = simulateGraph({ nodes: 5, edges: 6, weights: [1, 2], seed: 3 });
  const columns = (X: DenseMatrix) => Object.fromEntries(Array.from({ length: 5 }, (_, j) => [`v${j}`, X.column(j)]));
  file('bits.csv', await writeCsv(columns(simulateBinarySem(graph, { n: 400, seed: 4 }))));
  file('curved.csv', await writeCsv(columns(simulateNonlinearSem(graph, { n: 100, seed: 4 }))));
  const learn = async (...args: string[]) => JSON.parse((await here(['graph', 'learn', ...args, '--json'])).out);
  const logistic = await learn('bits.csv', '--method', 'notears', '--score', 'logistic', '--bootstrap', '2');
  expect(logistic).toMatchObject({ method: 'notears, logistic score', lambda: 0.01, status: 'converged', exitCode: 0 });
  expect(logistic.noise).toBeUndefined();
  const without = await learn('bits.csv', '--method', 'notears', '--score', 'logistic', '--no-intercepts');
  expect(without.objective).toBeGreaterThan(logistic.objective);
  expect(southwell('graph', 'learn', 'bits.csv', '--no-intercepts').err).toMatch(
    /--no-intercepts cannot be combined with --score gaussian, only with logistic/,
  );
  const refined = await learn('bits.csv', '--method', 'notears', '--score', 'logistic', '--refine');
  expect(refined).toMatchObject({ method: 'notears, logistic score, then swaps', lambda: 0.01, status: 'converged' });
  const swaps = await learn('bits.csv', '--method', 'topo', '--score', 'logistic', '--lambda', '0.01');
  expect(swaps).toMatchObject({ method: 'topo, logistic score', status: 'converged' });
  // The penalised score of a graph of NOTEARS is that of its regressions, and swaps only lower it.
  for (const { objective } of [refined, swaps]) expect(objective).toBeLessThanOrEqual(logistic.objective + 1e-5);
  // Ways of edges between binary variables may differ from sample to sample: of these, not all do.
  expect(Math.max(...logistic.edges.map((e: { confidence: number }) => e.confidence))).toBe(1);
  const networks = await learn('curved.csv', '--method', 'notears', '--score', 'mlp');
  expect(networks).toMatchObject({ method: 'notears, networks', lambda: 0.01 });
  for (const { weight } of networks.edges) expect(weight).toBeGreaterThan(0.3);
});

test.each([
  ['dagma with shares', 'cells.csv', ['--method', 'dagma', '--bootstrap', '3']],
  ['golem, swaps', 'cells.csv', ['--method', 'golem', '--refine']],
  ['notears', 'cells.csv', ['--method', 'notears']],
] as const)(
  'stopped in the middle, and --resume: the graph of a run that was never stopped (%s)',
  (name, data, options) => {
    const args = ['graph', 'learn', data, ...options, '--json'];
    const kept = [...args, '--checkpoint', `stopped, ${name}.ck`];
    const whole = graphOf(southwell(...args).out);
    const first = graphOf(stopped([...kept, '--out', 'stopped.csv'], /(iteration|sample) \d|swaps/).out);
    // A fast machine may have ended by then.
    expect(['aborted', whole.status]).toContain(first.status);
    expect(existsSync(at('stopped.csv'))).toBe(true);
    const resumed = southwell(...kept, '--resume');
    expect([resumed.err, resumed.code]).toEqual(['', 0]);
    expect(graphOf(resumed.out)).toEqual(whole);
    // What is done ends at once, with the same.
    expect(graphOf(southwell(...kept, '--resume').out)).toEqual(whole);
    const other = southwell(...kept, '--resume', '--threshold', '0.2');
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/other data or other options/)]);
  },
);
