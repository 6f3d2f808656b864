import { readFileSync } from 'node:fs';
import { writeCsv } from '@southwell/data';
import { declared, type LearnedGraph, taskOf } from '@southwell/tasks';
import { DenseMatrix } from 'southwell';
import { edgesOf, graphMetrics, simulateSem } from 'southwell/structure-learning';
import { beforeAll, describe, expect, test } from 'vitest';
import { graphFiles, learning, name, truth } from './testing/graph.ts';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const count = edgesOf(truth).length;
beforeAll(() => graphFiles(file));

test.each([
  ['colide', 1, ['--variance', 'equal']],
  ['dagma', 3, []],
  // Ends in a local minimum here.
  ['notears', 5, ['--lambda', '0.05']],
  ['topo', 1, ['--seed', '1']],
  ['golem', 1, []],
  ['golem', 1, ['--variance', 'unequal', '--lambda', '0.01']],
  // Swaps leave that minimum.
  ['notears', 1, ['--lambda', '0.05', '--refine']],
] as const)(
  'learn by %s finds the graph of the data up to %i edges, and compare says so',
  async (method, wrong, more) => {
    const run = await here([
      'graph',
      'learn',
      'cells.csv',
      '--method',
      method,
      ...more,
      '--out',
      at('edges.csv'),
      '--json',
      '-q',
    ]);
    expect(run.err).toBe('');
    expect(run.code).toBe(0);
    const learned = JSON.parse(run.out) as LearnedGraph;
    expect(learned.status).toBe('converged');
    const W = DenseMatrix.create(8, 8);
    for (const e of learned.edges) W.set(learned.nodes.indexOf(e.from), learned.nodes.indexOf(e.to), e.weight);
    const { shd } = graphMetrics(truth, W);
    expect(shd).toBeLessThanOrEqual(wrong);
    const compared = JSON.parse((await here(['graph', 'compare', 'truth.csv', 'edges.csv', '--json'])).out);
    expect(compared).toMatchObject({ shd, nodes: 8, edges: { truth: count } });
  },
);

test('the text, a drawing, and files of three kinds with names that need quoting', async () => {
  const run = await here([
    'graph',
    'learn',
    'cells.csv',
    '--variance',
    'equal',
    '--bootstrap',
    '3',
    '--svg',
    at('g.svg'),
    '--out',
    at('g.graphml'),
  ]);
  expect(run.code).toBe(0);
  const found = Number(
    /(\d+) edges between 8 variables by colide, equal noise variances, lambda 0.05/.exec(run.out)![1],
  );
  expect(found).toBeGreaterThan(8);
  expect(run.out).toMatch(/Confidence from 3 of 3 bootstrap samples/);
  expect(run.out).toMatch(/Converged after/);
  const svg = readFileSync(at('g.svg'), 'utf8');
  expect(svg.match(/<rect /g)).toHaveLength(8);
  expect(svg.match(/marker-end/g)).toHaveLength(found);
  const graphml = readFileSync(at('g.graphml'), 'utf8');
  expect(graphml.match(/<edge /g)).toHaveLength(found);
  for (const text of [svg, graphml]) {
    expect(text).toContain('a &quot;b&quot;, &lt;c&gt;');
    expect(text).not.toContain('<c>');
  }
  expect((await here(['graph', 'learn', 'cells.csv', '--method', 'topo', '--out', at('g.dot'), '-q'])).out).toBe('');
  expect(readFileSync(at('g.dot'), 'utf8')).toContain('"a \\"b\\", <c>" -> ');
});

test('what is known: edges required and forbidden, and tiers, whatever the method', async () => {
  file('tiers.csv', 'variable,tier\nv7,1\nv6,1\nv5,2\n');
  const [strongest] = edgesOf(truth).map((e) => [name(e.from), name(e.to)]);
  const quoted = `"${strongest.join(':').replaceAll('"', '""')}"`;
  for (const [method] of declared(taskOf('graph learn').options.method).choices!) {
    const known = ['--require', 'v1:v0,v6:v5', '--forbid', quoted, '--tiers', 'tiers.csv', '--method', method];
    const { out, err, code } = await here(['graph', 'learn', 'cells.csv', ...known, '--json']);
    expect([method, err, code]).toEqual([method, '', 0]);
    const { edges, order, warnings } = JSON.parse(out) as LearnedGraph;
    const has = (from: string, to: string) => edges.some((e) => e.from === from && e.to === to);
    expect([has('v1', 'v0'), has('v6', 'v5'), has(strongest[0], strongest[1])]).toEqual([true, true, false]);
    const place = (node: string) => order.indexOf(node);
    expect(place('v1')).toBeLessThan(place('v0'));
    expect(Math.max(place('v6'), place('v7'))).toBeLessThan(place('v5'));
    expect(warnings.filter((w) => w.includes('required'))).toEqual([]);
  }
});

describe('what the units of the columns decide', () => {
  const chain = DenseMatrix.fromRows([
    [0, 1.5, 0],
    [0, 0, -1.5],
    [0, 0, 0],
  ]);
  const write = async (as: string, units: readonly number[]) => {
    const X = simulateSem(chain, { n: 400, noise: 'exponential', seed: 3 });
    file(as, await writeCsv(Object.fromEntries(units.map((unit, j) => ['abc'[j], X.column(j).map((v) => unit * v)]))));
  };
  const learn = async (...args: string[]) =>
    JSON.parse((await here(['graph', 'learn', ...args, '--json'])).out) as LearnedGraph;
  const ways = ({ edges }: LearnedGraph) => edges.map(({ from, to }) => from + to).sort();

  test('a chain turned round by units is told, with options that exist; the chain itself is not', async () => {
    await write('chain.csv', [1, 1, 1]);
    await write('units.csv', [100, 1, 0.1]);
    const right = await learn('chain.csv');
    expect([ways(right), right.varsortability, right.warnings, right.data.notes]).toEqual([['ab', 'bc'], 1, [], []]);
    const turned = await learn('units.csv', '--bootstrap', '3');
    expect(ways(turned)).toContain('ba');
    expect(turned.varsortability).toBe(1);
    const advised =
      /units of the columns.*Compare with --standardize, or with --method ([\w-]+), whose order does not depend on units\.$/;
    expect(turned.warnings).toEqual([expect.stringMatching(advised)]);
    const [, free] = advised.exec(turned.warnings[0])!;
    const { method, standardize } = taskOf('graph learn').options;
    expect(declared(standardize).kind).toBe('flag');
    expect(declared(method).choices!.map(([choice]) => choice)).toContain(free);
    // The same graph in all units, by either.
    for (const way of [['--standardize'], ['--method', free]]) {
      const [own, other] = [await learn('chain.csv', ...way), await learn('units.csv', ...way)];
      expect(ways(other)).toEqual(ways(own));
      expect(other.warnings.join()).not.toMatch(/units of the columns/);
    }
    expect(ways(await learn('units.csv', '--method', free))).toEqual(['ab', 'bc']);
    expect(await learn('units.csv', '--standardize')).toMatchObject({ standardized: true });
  });

  test('small whole numbers that are scored as amounts are told', async () => {
    const X = simulateSem(chain, { n: 400, seed: 3 });
    const level = X.column(1).map((v) => Math.max(1, Math.min(4, Math.round(v + 2))));
    file('codes.csv', await writeCsv({ a: X.column(0), level, c: X.column(2) }));
    const { notes } = (await learn('codes.csv')).data;
    expect(notes).toEqual([
      expect.stringMatching(/scored as amounts: level \(4 values\)\. .*leave them out with --drop/),
    ]);
    expect((await learn('codes.csv', '--drop', 'level')).data.notes).toEqual([]);
    const bit = (j: number) => X.column(j).map((v) => (v > 0 ? 1 : 0));
    file('all-bits.csv', await writeCsv({ a: bit(0), b: bit(1), c: bit(2) }));
    expect((await learn('all-bits.csv')).data.notes).toEqual([
      expect.stringMatching(
        /Binary variables have a score of their own: --score logistic, with --method dagma, notears, topo/,
      ),
    ]);
    expect((await learn('all-bits.csv', '--score', 'logistic', '--method', 'notears')).data.notes).toEqual([]);
  });
});

test.each([
  [['--require', 'v0'], /--require takes edges such as v0:v7, not 'v0'/],
  [['--forbid', 'v0:v11'], /no column "v11". Did you mean "v1"/],
  [['--require', 'v0:v1', '--forbid', 'v0:v1'], /v0 → v1 is both required and forbidden/],
  [['--require', 'v0:v1,v1:v0'], /form a cycle/],
  [['--require', 'v0:v0'], /loop/],
  [['--tiers', 'none.csv'], /none\.csv cannot be read/],
  [['--tiers', 'bare.csv'], /bare\.csv needs a header, but its first line is v0,1/],
  [['--tiers', 'words.csv'], /words\.csv has 'early' in place of a number in row 1/],
  [['--tiers', 'short.csv'], /needs a header and two columns/],
  [['--tiers', 'against.csv', '--require', 'v0:v1'], /v0 → v1 is required, but v0 is in tier 2/],
])('what is known, %j: told', async (known, message) => {
  file('bare.csv', 'v0,1\nv1,2\n');
  file('words.csv', 'variable,tier\nv0,early\n');
  file('short.csv', 'variable\nv0\n');
  file('against.csv', 'variable,tier\nv0,2\nv1,1\n');
  const { err, code } = await here(['graph', 'learn', 'cells.csv', ...known]);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

test('compare tells of names of one file alone, of self-loops, and takes a graph without edges', async () => {
  file('real.csv', 'from,to\nx,y\ny,z\nz,z\n');
  file('found.csv', 'from,to,weight\nx,y,0.5\ny,"w, ""w""",1\n');
  file('none.csv', 'from,to,weight\n');
  const { out, code } = await here(['graph', 'compare', 'real.csv', 'found.csv']);
  expect(code).toBe(0);
  expect(out).toMatch(/4 nodes/);
  const text = out.replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/z: in real\.csv alone; in found\.csv counted as a node without edges\./);
  expect(text).toMatch(/real\.csv has 1 self-loop, of z: not counted as edges\./);
  const json = JSON.parse((await here(['graph', 'compare', 'real.csv', 'found.csv', '--json'])).out);
  expect(json).toMatchObject({ nodes: 4, correct: 1, extra: 1, missing: 1, shd: 2, sid: expect.any(Number) });
  expect(json.only).toEqual({ truth: ['z'], estimate: ['w, "w"'] });
  expect(json.selfLoops).toEqual({ truth: ['z'], estimate: [] });
  expect(json.notes).toHaveLength(3);
  const empty = JSON.parse((await here(['graph', 'compare', 'real.csv', 'none.csv', '--json'])).out);
  expect(empty).toMatchObject({ nodes: 3, missing: 2, edges: { truth: 2, estimate: 0 } });
});

describe('mistakes end with 2 and a sentence', () => {
  test.each([
    [['learn', 'cells.csv', '--out', 'g.png'], /\.csv, \.graphml or \.dot/],
    [
      ['learn', 'cells.csv', '--method', 'topo', '--lambda', '1'],
      /--lambda is the weight of a penalty, which this --method with this --score does not have/,
    ],
    [['learn', 'cells.csv', '--method', 'notears', '--variance', 'equal'], /only with colide, golem/],
    [['learn', 'cells.csv', '--score', 'logistic'], /--score logistic requires --method dagma, notears, topo/],
    [['learn', 'cells.csv', '--method', 'notears', '--score', 'logistic'], /binary variables, 0 or 1 .* but v0 has/],
    [['learn', 'cells.csv', '--method', 'topo', '--refine'], /--refine cannot be combined with --method topo/],
    [['learn', 'cells.csv', '--method', 'colid'], /did you mean 'colide'/],
    [['learn', 'bundled:spambase'], /numbers, but class is text/],
    [['learn', 'constant.csv'], /b is constant/],
    [['learn', 'double.csv', '--method', 'topo'], /(north|south) is a linear combination of other columns/],
    [['learn', 'missing.csv'], /missing|lacks/i],
    [['learn', 'nowhere.csv'], /nowhere\.csv/],
    [['compare', 'truth.csv', 'one.csv'], /two columns/],
    [['compare', 'truth.csv', 'double.csv'], /have no name in common: .* here, .* there/],
    [['compare', 'headless.csv', 'truth.csv'], /needs a header/],
  ])('%j', async (args, message) => {
    file('constant.csv', 'a,b\n1,2\n2,2\n3,2\n5,2\n');
    file('double.csv', 'north,south\n1,2\n2,4\n3,6\n5,10\n');
    file('missing.csv', 'a,b\n1,2\n,3\n3,2\n5,1\n');
    file('one.csv', 'from\na\n');
    file('headless.csv', 'a,b\nb,a\n');
    const run = await here(['graph', ...args]);
    expect(run.err).toMatch(message);
    expect(run.err).toMatch(/^southwell: /);
    expect(run.code).toBe(2);
  });

  test('few rows and text columns: a warning, and another way', async () => {
    file('few.csv', 'a,b,c,d,id\n1,2,4,3,x\n2,1,5,4,y\n5,3,2,2,z\n');
    const run = await here(['graph', 'learn', 'few.csv', '--drop', 'id']);
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/Warning: There are 3 rows for 4 columns/);
  });
});

describe('on several ranks', () => {
  test('two ranks draw the same samples as one, bit for bit', async () => {
    const learn = learning(here);
    const args = ['cells.csv', '--method', 'topo', '--bootstrap', '4'];
    expect(await learn(...args, '--ranks', '2')).toEqual(await learn(...args));
  });

  test('without a bootstrap there is nothing to share', async () => {
    const { code, err } = await here(['graph', 'learn', 'cells.csv', '--ranks', '2']);
    expect(code).toBe(2);
    expect(err).toMatch(/Running on ranks requires --bootstrap/);
  });
});
