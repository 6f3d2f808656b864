/** Columns with two roles, or named twice, are refused by every verb that takes names of columns. */
import { readTable, readTableBlocks } from '@southwell/data';
import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { blocksHere, declared, type JobTools, runTask, type Task, tasks } from './index.ts';

const n = 30;
const lines = Array.from({ length: n }, (_, i) =>
  [
    ...[1 + Math.sin(i) ** 2, Math.cos(2 * i), Math.sin(3 * i + 1), Math.sin(i) + Math.cos(2 * i), i % 2],
    ...[['u', 'v', 'w'][i % 3], i % 5, Math.floor(i / 5)],
  ].join(),
);
const csv = `a,b,c,y,event,kind,row,col\n${lines.join('\n')}\n`;
const tools = (): JobTools => ({
  ...{ read: () => readTable(new Blob([csv]), { name: 't.csv' }), progress: () => {} },
  blocksOf: async (_, { choose = () => new Map(), ...options }) =>
    blocksHere(readTableBlocks(new Blob([csv]), { ...options, choose, name: 't.csv' })),
  signal: new AbortController().signal,
});

/** A valid request of each verb, without the options of roles that are not needed; `numbers` are used for the others. */
const plain: Readonly<Record<string, object>> = {
  fit: { target: 'y', alpha: 0.1, drop: ['kind', 'event', 'row', 'col'] },
  privatise: { target: 'y', features: ['a', 'b'], epsilon: 1, clipX: 2, clipY: 2, delta: 1e-6 },
  cluster: { k: 2, drop: ['kind'] },
  'graph learn': { method: 'topo', features: ['a', 'c', 'event'] },
  'factor svd': { components: 1, drop: ['kind'] },
  'factor nmf': { components: 1, features: ['a', 'event'] },
  'factor sparse-pca': { components: 1, drop: ['kind'] },
  'factor complete': { row: 'row', col: 'col', value: 'y', rank: 1, lambda: 1 },
  'factor recommend': { row: 'row', col: 'col', value: 'a', rank: 1, lambda: 1 },
  'factor dictionary': { k: 1, drop: ['kind'] },
  'factor tensor': { index: ['row', 'col'], value: 'y', rank: [1] },
  'factor functional': { axes: ['a', 'b'], target: 'y', rank: 1, sweeps: 2, starts: 1, holdout: 0 },
  isotonic: { target: 'y', features: ['a'] },
  game: { drop: ['kind'] },
  gossip: { from: 'row', to: 'col' },
  train: { target: 'y', drop: ['kind'], epochs: 1, hidden: ['2'] },
};
/** What other roles require. */
const withRole: Readonly<Record<string, object>> = {
  'fit time': { target: undefined, model: 'cox', time: 'a', event: 'event' },
  'fit event': { target: undefined, model: 'cox', time: 'a', event: 'event' },
  'fit strata': { target: undefined, model: 'cox', time: 'a', event: 'event' },
  'fit targets': { target: undefined, targets: ['y', 'c'], model: 'multitask-lasso' },
  'fit foldColumn': { alpha: undefined, nAlphas: 5 },
  'fit clients': { federated: true, model: 'lasso' },
  'factor dictionary target': { method: 'supervised', target: 'event' },
  'factor dictionary covariates': { method: 'supervised', target: 'event' },
};

const rolesOf = (task: Task): Array<readonly [name: string, several: boolean]> =>
  Object.entries(task.options).flatMap(([name, option]) => {
    const { kind, role } = declared(option);
    return (kind === 'column' || kind === 'columns') && role !== false ? [[name, kind === 'columns']] : [];
  });
const verbs = tasks.filter((task) => rolesOf(task).length > 0 && 'data' in task.inputs && task.verb[0] !== 'schedule');
const refused = async (task: Task, verb: string, roles: readonly string[], asked: object): Promise<string> => {
  const base = {
    data: 't.csv',
    ...plain[verb],
    ...Object.assign({}, ...roles.map((role) => withRole[`${verb} ${role}`])),
  };
  try {
    await runTask(task, { ...base, ...asked } as never, tools());
    return '';
  } catch (error) {
    if (!(error instanceof SouthwellError)) expect((error as Error).name).toBe('RequestError');
    return (error as Error).message;
  }
};

test('all verbs that take names of columns are tried', () => {
  expect(verbs.map(({ verb }) => verb.join(' ')).sort()).toEqual(Object.keys(plain).sort());
});

test.each(verbs.map((task) => [task.verb.join(' '), task] as const))(
  'southwell %s: a column in two roles, or twice in one, is refused by its name',
  async (verb, task) => {
    expect(await refused(task, verb, [], {})).toBe('');
    const roles = rolesOf(task);
    const accepted: string[] = [];
    for (const [one, several] of roles) {
      if (several) {
        const message = await refused(task, verb, [one], { [one]: ['c', 'b', 'c'] });
        if (!/'[bc]'/.test(message)) accepted.push(`${one} twice: ${message}`);
      }
      for (const [other, many] of roles) {
        if (other <= one) continue;
        // A column that serves each role: of numbers above 0, or of 0 and 1.
        for (const column of ['a', 'event', 'row']) {
          const asked = { [one]: several ? ['b', column] : column, [other]: many ? ['b', column] : column };
          const message = await refused(task, verb, [one, other], asked);
          if (
            /cannot be combined with|^federated requires alpha/.test(message) ||
            new RegExp(`['"]${column}['"]|b'`).test(message)
          )
            continue;
          accepted.push(`${one} and ${other} ${column}: ${message}`);
        }
      }
    }
    expect(accepted).toEqual([]);
  },
);

const weighing = verbs
  .filter(({ options }) => 'weights' in options)
  .map((task) => [task.verb.join(' '), task] as const);
test.each(weighing)('southwell %s: weights below 0, without a number, or all 0 are refused', async (verb, task) => {
  const base: object = { ...plain[verb], ...(verb === 'factor complete' && { method: 'als' }) };
  const read = (weight: (i: number) => string) => {
    const rows = lines.map((line, i) => `${line},${weight(i)}`);
    return readTable(new Blob([`${csv.split('\n')[0]},w\n${rows.join('\n')}\n`]), { name: 't.csv' });
  };
  const said = async (weight: (i: number) => string): Promise<string> => {
    const request = { data: 't.csv', ...base, weights: 'w' };
    try {
      await runTask(task, request as never, { ...tools(), read: () => read(weight) });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(await said((i) => String(1 + (i % 3)))).toBe('');
  expect(await said((i) => (i === 4 ? '-1' : '1'))).toMatch(/-1/);
  expect(await said((i) => (i === 4 ? '-1' : '1'))).toMatch(/5|w/);
  expect(await said((i) => (i === 4 ? '' : '1'))).toMatch(/row 5|'w'|"w"/);
  expect(await said((i) => (i === 4 ? 'inf' : '1'))).not.toBe('');
  expect(await said(() => '0')).not.toBe('');
  expect(await said((i) => (i === 4 ? 'heavy' : i === 5 ? 'light' : i % 2 ? 'one' : 'two'))).toMatch(/'w'/);
});
