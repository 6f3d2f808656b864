import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { declared, flagOf, formOf, tasks } from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { tellsWrongValues } from './testing/wrongValues.ts';
import { workshop } from './testing.ts';

const shop = workshop();
const { at, file, here } = shop;
const rows = Array.from(
  { length: 30 },
  (_, i) => `${(i % 3) * 9 + ((i * 7) % 5) / 10},${(i % 2) + ((i * 3) % 7) / 10}`,
);
file('rows.csv', `a,b\n${rows.join('\n')}\n`);

describe.each(tasks.map((task) => [task.verb.join(' '), task] as const))('%s', (verb, task) => {
  const names = Object.keys(task.options);
  const flag = (name: string) => flagOf(name, declared(task.options[name]));

  test('help, form and docs have every option, and no other', async () => {
    const { out } = await here([...task.verb, '--help', 'all']);
    const inHelp = [...out.matchAll(/^ {2}(?:-q, )?(--?[\w-]+)/gm)].map((m) => m[1]);
    const resumes = task.resumes === false ? [] : ['--checkpoint', '--resume'];
    const ranks = [
      ...(task.ranks ? ['--ranks', '--timeout', '--rank-logs', '--network', '--events'] : []),
      ...(task.plan || task.forecast ? ['--dry-run'] : []),
    ];
    const everywhere = ['-h', ...resumes, ...ranks, '--config', '--json', '--json-schema', '--quiet'];
    const own = [...names.map(flag), ...Object.keys(task.outputs).map((name) => flagOf(name))];
    expect(inHelp.sort()).toEqual([...own, ...everywhere].sort());
    const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
    const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
    const all = pages.map((name) => readFileSync(docs + name, 'utf8')).join('\n');
    const [, table] = all.split(`\n<!-- options: ${verb} -->`);
    const inDocs = [...(table ?? '').split('<!-- end')[0].matchAll(/^\| `(--?[\w-]+)/gm)].map((m) => m[1]);
    expect(inDocs.sort()).toEqual(own.sort());
    const hidden = names.filter((name) => declared(task.options[name]).form === false);
    const columns = [{ name: 'a', type: 'number', missing: 0 } as const];
    const inForm = formOf(task.options, { columns }).map((c) => c.name);
    expect([...inForm, ...hidden].sort()).toEqual(names.sort());
  });

  // Of each kind the first; the long test beside this one has all.
  const kinds = names.map((name) => declared(task.options[name]).kind);
  const firsts = names.filter((_, k) => kinds.indexOf(kinds[k]) === k);
  if (firsts.length > 0)
    test.each(firsts)('%s: wrong values and near misses are told', (name) => tellsWrongValues(task, name, shop));
});

describe('--config', () => {
  const run = (config: unknown, ...args: string[]) => {
    file('conf.json', typeof config === 'string' ? config : JSON.stringify(config));
    return here(['cluster', 'rows.csv', '--config', 'conf.json', '--json', ...args]);
  };

  test('gives options by their names in code; flags win', async () => {
    const asked = { k: 3, method: 'mixture', covariance: 'diagonal', standardize: true, seed: 4, out: at('conf.csv') };
    const by = await run(asked);
    expect(by.err).toBe('');
    const flags = ['-k', '3', '--method', 'mixture', '--covariance', 'diagonal', '--standardize', '--seed', '4'];
    const same = await here(['cluster', 'rows.csv', ...flags, '--out', at('flags.csv'), '--json']);
    const plain = (text: string) => ({ ...JSON.parse(text), seconds: 0, out: '', command: '' });
    expect(plain(by.out)).toEqual(plain(same.out));
    expect(readFileSync(at('conf.csv'))).toEqual(readFileSync(at('flags.csv')));
    const won = await run({ k: 3, method: 'kmeans', drop: ['a'] }, '-k', '2', '--drop', 'b');
    expect(JSON.parse(won.out)).toMatchObject({ k: 2, featureNames: ['a'] });
  });

  test.each([
    [{ k: 2, lamda: 1 }, /There is no option 'lamda' of .*conf\.json; did you mean --lambda\?/],
    [{ k: 2, '--lambda': 1 }, /There is no option '--lambda' of .*conf\.json; did you mean --lambda\?/],
    [{ k: '2' }, /'k' of .*conf\.json must be a whole number of at least 1, not '2'/],
    [{ k: 2, lambda: 1 }, /'lambda' of .*conf\.json cannot be combined with --method kmeans, only with laplacian/],
    [
      { k: 2, method: 'spectral', labels: 'a' },
      /cannot be combined with 'method': 'spectral' of .*conf\.json, only with kmeans/,
    ],
    [{ k: 2, data: 'other.csv' }, /conf\.json names 'data', which must be given on the command line/],
    [{ k: 2, out: 3 }, /'out' of .*conf\.json must be the name of a file, not 3/],
    [{ k: 2, out: 'a.txt' }, /'out' of .*conf\.json writes \.csv or \.parquet/],
    [{ k: 2, constructor: 1 }, /no option 'constructor' of/],
    ['{"k": 2, "__proto__": 1}', /no option '__proto__' of/],
    ['[1]', /conf\.json must contain one object/],
    ['{"k": 2,}', /conf\.json is not JSON/],
  ])('%j is told by key and file', async (config, message) => {
    const { code, err } = await run(config);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test('a file that is not there', async () => {
    const { code, err } = await here(['cluster', 'rows.csv', '--config', 'none.json']);
    expect(code).toBe(2);
    expect(err).toMatch(/none\.json/);
  });
});

describe('--json-schema', () => {
  /** The part of JSON Schema that the schemas use, by hand. */
  type Schema = Readonly<Record<string, unknown>>;
  function faults(schema: Schema, value: unknown, path = ''): string[] {
    if (schema.anyOf) {
      const ways = (schema.anyOf as Schema[]).map((s) => faults(s, value, path));
      return ways.some((w) => w.length === 0) ? [] : ways.flat();
    }
    if ('const' in schema) return value === schema.const ? [] : [`${path}: not ${schema.const}`];
    if (schema.enum) return (schema.enum as unknown[]).includes(value) ? [] : [`${path}: ${value} is not listed`];
    const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    if (schema.type !== type) return [`${path}: ${type}, not ${schema.type}`];
    if (type === 'array')
      return (value as unknown[]).flatMap((v, i) => faults(schema.items as Schema, v, `${path}/${i}`));
    if (type !== 'object') return [];
    const properties = (schema.properties ?? {}) as Record<string, Schema>;
    const object = value as Record<string, unknown>;
    return [
      ...((schema.required ?? []) as string[]).filter((name) => !(name in object)).map((name) => `${path}: no ${name}`),
      ...Object.entries(object).flatMap(([name, v]) => {
        const of = properties[name] ?? (schema.additionalProperties as Schema | undefined);
        return of ? faults(of, v, `${path}/${name}`) : [`${path}: ${name} is not in the schema`];
      }),
    ];
  }

  test.each([
    ['-k', '2'],
    ['-k', '2', '--method', 'mixture'],
    ['-k', '2', '--method', 'spectral'],
    ['-k', '2', '--method', 'laplacian', '--out', 'written.csv'],
  ])('describes what --json prints: %s %s %s %s', async (...args) => {
    const given = args.filter((a): a is string => a !== undefined);
    const { code, out } = await here(['cluster', '--json-schema']);
    expect(code).toBe(0);
    const schema = JSON.parse(out);
    expect(schema.$schema).toMatch(/json-schema\.org/);
    const document = JSON.parse((await here(['cluster', 'rows.csv', ...given, '--json'])).out);
    expect(faults(schema, document)).toEqual([]);
    expect(faults(schema, { ...document, status: 'done' })).toEqual(['/status: done is not listed']);
  });

  test.each([
    [['rosenbrock']],
    [['sphere', '--noisy', '--budget', '60', '--checkpoint', at('schema.ck')]],
    [['--command', 'exit 1; {x}', '--dim', '1', '--on-error', 'skip', '--budget', '2', '--repeats', '2']],
    [['--command', `: {x}; mkdir ${at('once')} && echo 1`, '--dim', '1', '--asynchronous']],
  ])('of a task without a table: %j', async (args) => {
    const schema = JSON.parse((await here(['minimize', '--json-schema'])).out);
    const document = JSON.parse((await here(['minimize', ...args, '--json'])).out);
    expect(faults(schema, document)).toEqual([]);
    expect(faults(schema, { ...document, x: '0' })).toEqual(['/x: string, not array']);
  });

  test.each(tasks.map((t) => t.verb))('every task has one: %s', async (...verb) => {
    const { code, out } = await here([...verb, '--json-schema']);
    expect(code).toBe(0);
    expect(JSON.parse(out).required).toEqual(expect.arrayContaining(['southwell', 'status', 'exitCode']));
  });
});

describe('completion', () => {
  const hasBash = spawnSync('bash', ['--version']).status === 0;

  test.skipIf(!hasBash)('in bash itself: commands, options, values, files', async () => {
    const script = file('completion.bash', (await here(['completion', 'bash'])).out);
    const complete = (...words: string[]): string[] => {
      const quoted = words.map((w) => `'${w}'`).join(' ');
      const code = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _southwell; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const lines = execFileSync('bash', ['--norc', '-u', '-c', code], { encoding: 'utf8' }).split('\n');
      return lines.filter((line) => line !== '');
    };
    expect(complete('southwell', 'cl')).toEqual(['cluster']);
    expect(complete('southwell', '')).toEqual(expect.arrayContaining(['fit', 'graph', 'papers', 'completion']));
    expect(complete('southwell', 'graph', 'l')).toEqual(['learn']);
    expect(complete('southwell', 'cluster', 'a.csv', '--neigh')).toEqual(['--neighbours', '--neighbour-search']);
    const methods = complete('southwell', 'cluster', 'a.csv', '--method', 'm');
    expect(methods).toEqual(expect.arrayContaining(['mean-shift', 'modes', 'mixture']));
    expect(methods.filter((name) => !name.startsWith('m'))).toEqual([]);
    expect(complete('southwell', 'cluster', 'a.csv', '--neighbour-search', '')).toEqual(['exact', 'approximate']);
    // Names of files are left to bash.
    expect(complete('southwell', 'cluster', '')).toEqual([]);
    expect(complete('southwell', 'cluster', 'a.csv', '--out', '')).toEqual([]);
    expect(complete('southwell', 'fit', 'cluster', '--al')).toEqual(['--alpha', '--alphas']);
  });

  test('for zsh and fish, and no other', async () => {
    const zsh = (await here(['completion', 'zsh'])).out;
    expect(zsh).toMatch(/bashcompinit/);
    expect(zsh).toMatch(/complete -o default -F _southwell southwell/);
    const fish = (await here(['completion', 'fish'])).out;
    expect(fish).toMatch(/-n '__fish_seen_subcommand_from cluster' -l method -x -a 'kmeans laplacian/);
    expect(fish).toMatch(/-n '__fish_seen_subcommand_from graph; and __fish_seen_subcommand_from learn' -l threshold/);
    const other = await here(['completion', 'tcsh']);
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/bash, zsh, fish, not 'tcsh'/);
  });
});
