/** What an addition touches, read off the code as it is; and that code which serves every family names none. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declared, families, tasks } from '@southwell/tasks';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', 'packages', 'scripts', 'docs', 'README.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(ts|mjs|svelte|md)$/.test(path));
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Library, tasks, tests and docs; papers and timings stand apart, and these pages speak of everything. */
const counted = files.filter(
  (path) => !/^packages\/papers\/|^docs\/(status|adding)\.md$|^scripts\/(adding(\.long)?|counts)\.test\.ts$/.test(path),
);

/** Additions of before, by the words that a file cannot name them without; docs/adding.md says how many files each kind takes. */
const additions = [
  { kind: 'an option of fit', name: '--smoothing', words: /--smoothing <width>|Smoothing width|--smoothing'/, most: 4 },
  { kind: 'a loss', name: 'log-cosh', words: /log-?cosh/i, most: 5 },
  { kind: 'a method', name: 'DirectLiNGAM', words: /direct-?lingam/i, most: 5 },
  {
    ...{ kind: 'a penalty', name: 'log-sum', words: /(?<!reduce)log-?sum(?!exp)/i, most: 5 },
    // The logarithm of a sum.
    elsewhere: 'packages/southwell/src/clustering/bound.ts',
  },
  { kind: 'a solver', name: 'Anderson descent', words: /anderson-?descent/i, most: 4 },
];

test.each(additions)('$kind, $name, is named in at most $most files', ({ words, most, elsewhere }) => {
  const naming = counted.filter((path) => path !== elsewhere && words.test(textOf(path)));
  expect(naming.length, naming.join(', ')).toBeLessThanOrEqual(most);
  // The words find what they stand for.
  expect(naming.length).toBeGreaterThan(2);
});

/** Names that are words of every day too: generic code has them in another meaning. */
const ORDINARY = [
  'auto',
  'batch',
  'compare',
  'complete',
  'exact',
  'feature',
  'filter',
  'gamma',
  'graph',
  'online',
  'register',
  'sample',
  'stragglers',
];

/** Ids of families, the words of their commands, and the methods, models and solvers that can be asked for. */
function namesOfFamilies(): string[] {
  const chosen = tasks.flatMap(({ options }) =>
    ['method', 'model', 'solver'].flatMap((name) => (options[name] ? (declared(options[name]).choices ?? []) : [])),
  );
  const all = [
    ...families.map(({ id }) => id),
    ...tasks.flatMap(({ verb }) => verb),
    ...chosen.map(([value]) => value),
  ];
  const plain = [...new Set(all)].filter((name) => !ORDINARY.includes(name));
  // Identifiers are spelled otherwise: blackBox, BlackBox.
  const camel = plain.map((name) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()));
  return [...new Set([...plain, ...camel, ...camel.map((name) => name[0].toUpperCase() + name.slice(1))])];
}

/** The lines of code of a file, comments left out, that name one of these. */
function naming(path: string, names: readonly string[]): string[] {
  const code = textOf(path).replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|^\s*\/\/.*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ''),
  );
  const any = new RegExp(`(?<![\\w-])(${names.map((name) => name.replaceAll('/', '\\/')).join('|')})(?![\\w-])`);
  return code.split('\n').flatMap((line, i) => (any.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []));
}

test('no family, command or method is named in code that serves all of them', () => {
  const generic = files.filter(
    (path) =>
      /^packages\/(cli\/src|workbench\/app|workbench\/src)\/.*\.(ts|svelte)$/.test(path) &&
      !/\.test\.ts$|\/testing\//.test(path),
  );
  expect(generic.length).toBeGreaterThan(60);
  const names = namesOfFamilies();
  expect(names).toEqual(expect.arrayContaining(['clustering', 'cluster', 'learn', 'kmeans', 'log-sum', 'nmf']));
  expect(generic.flatMap((path) => naming(path, names))).toEqual([]);
  // It would be seen.
  const own = 'packages/tasks/src/clustering/methods.ts';
  expect(naming(own, names).length).toBeGreaterThan(3);
});

test('what joins the parts stays small: registries, indexes and the generic code of tasks, at most 300 lines', () => {
  const glue = files.filter(
    (path) =>
      /(^|\/)(registry|index|main|catalogue|recipes)\.ts$/.test(path) ||
      /^packages\/(tasks\/src\/[^/]+|cli\/src\/task\/[^/]+|workbench\/app\/.+)\.(ts|svelte)$/.test(path),
  );
  const long = glue.filter((path) => !path.endsWith('.test.ts') && textOf(path).split('\n').length > 301);
  expect(glue.length).toBeGreaterThan(40);
  expect(long).toEqual([]);
});
