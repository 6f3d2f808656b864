import { readTable } from '@southwell/data';
import { edgesOf } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import { graphPair } from './compare.ts';
import { csv, dot, graphml, readEdges } from './formats.ts';

const nodes = [
  ...[
    'a & b',
    '<tag>',
    'say "hi"',
    "it's",
    'Ωμέγα 漢字 😀',
    'back\\slash',
    'ends\\',
    'two\nlines',
    'tab\there',
    'cr\r\nlf',
  ],
  ...[
    'node',
    '007',
    '7',
    '7.0',
    '1e3',
    ']]>',
    '&amp;',
    '\\N',
    'a,b;c',
    ' lead',
    'trail ',
    'NaN',
    'NA',
    '-->',
    '#hash',
    "'q'",
  ],
];
const weights = [0.5, -1.25, 1e-7, 123456789.125, -3e21];
const edges = nodes.slice(1).map((to, k) => ({ from: nodes[k], to, weight: weights[k % 5], confidence: 1e-7 }));
const list = (text: string, name = 'edges.csv') => readEdges((options) => readTable(new File([text], name), options));

test('CSV: every name comes back as it was', async () => {
  const read = await list(csv({ nodes, edges }));
  expect(read.name).toBe('edges.csv');
  expect(read.edges).toEqual(edges.map((e) => [e.from, e.to]));
  expect((await list(csv({ nodes, edges: [] }))).edges).toEqual([]);
  await expect(list('from\na\n')).rejects.toThrow(/not a list of edges/);
  await expect(list('a,b\nb,c\nc,a\n')).rejects.toThrow(/needs a header, but its first line has a and b/);
  await expect(list('from,to\na,b\nc,\n')).rejects.toThrow(/lacks a name in row 2/);
});

// As networkx 3.6 reads it.
test('GraphML: escaped names, and blanks for what XML may not hold', () => {
  const text = graphml({ nodes: [...nodes, 'bell\u0007, end\uffff, half\ud800'], edges });
  for (const label of [
    'a &amp; b',
    '&lt;tag&gt;',
    'say &quot;hi&quot;',
    'Ωμέγα 漢字 😀',
    'two&#10;lines',
    'cr&#13;&#10;lf',
  ]) {
    expect(text).toContain(`<data key="label">${label}</data>`);
  }
  expect(text).toContain('<data key="label">bell , end , half </data>');
  expect(text).toContain('<key id="weight" for="edge" attr.name="weight" attr.type="double"/>');
  expect(text).toContain('<edge source="n1" target="n2"><data key="weight">-1.25</data>');
});

// As `dot -Tjson` of Graphviz 2.42 reads it: names between quotes may hold line breaks, numbers with exponents need quotes.
test('DOT: quoted names and numbers', () => {
  const text = dot({ nodes, edges });
  for (const name of ['"say \\"hi\\""', '"ends\\\\"', '"two\nlines"', '"node"', '"\\\\N"'])
    expect(text).toContain(`  ${name};\n`);
  expect(text).toContain('"say \\"hi\\"" -> "it\'s" [label="1.0e-7", coefficient="1e-7", confidence="1e-7"];');
  expect(text).toContain('-> "say \\"hi\\"" [label="-1.3", coefficient=-1.25, confidence="1e-7"];');
});

test('two lists: names of one alone, self-loops and repeated edges are told', async () => {
  const truth = await list('from,to\na,b\nb,c\nb,c\nb,b\n', 'truth.csv');
  const pair = graphPair(truth, await list('x,y,weight\na,b,1\nd,b,2\ne,e,1\n'));
  expect(pair.nodes).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(edgesOf(pair.truth).map((e) => [e.from, e.to])).toEqual([
    [0, 1],
    [1, 2],
  ]);
  expect(edgesOf(pair.estimate)).toHaveLength(2);
  expect(pair.only).toEqual({ truth: ['c'], estimate: ['d', 'e'] });
  expect(pair.selfLoops).toEqual({ truth: ['b'], estimate: ['e'] });
  expect(pair.notes).toEqual([
    'c: in truth.csv alone; in edges.csv counted as a node without edges.',
    'd, e: in edges.csv alone; in truth.csv counted as nodes without edges.',
    'truth.csv has 1 self-loop, of b: not counted as edges.',
    'truth.csv repeats 1 edge: each counts once.',
    'edges.csv has 1 self-loop, of e: not counted as edges.',
  ]);
  const numbered = (text: string) => list(`from,to\n${text}\n`);
  expect(() => graphPair(truth, { name: 'other.csv', edges: [['x', 'y']] })).toThrow(
    /no name in common: a, b, c here, x, y/,
  );
  expect(graphPair(truth, await numbered('')).notes).toContain('edges.csv has no edges.');
  // As they are written.
  expect(graphPair(await numbered('01,2'), await numbered('1,2')).nodes).toEqual(['01', '1', '2']);
});
