import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * The rooms of the house and what each may import, as docs/architecture.md has it. A room is a folder; other rooms see
 * only its index.
 */
const LOW = ['kernels', 'core'];
/** What becomes tools and pages: the rooms of methods. */
const FAMILIES = [
  'optimisers',
  'blocks',
  'linear-models',
  'structure-learning',
  'black-box',
  'clustering',
  'factorisation',
];
const MATHS = [...LOW, 'arrays', 'linalg', 'losses', 'penalties'];
const MAY: Readonly<Record<string, readonly string[]>> = {
  kernels: [],
  core: [],
  arrays: LOW,
  linalg: [...LOW, 'arrays'],
  losses: [...LOW, 'arrays'],
  penalties: [...LOW, 'arrays'],
  optimisers: [...LOW, 'arrays', 'linalg'],
  blocks: [...MATHS, 'optimisers'],
  'linear-models': [...MATHS, 'optimisers', 'blocks'],
  'structure-learning': ['core', 'arrays', 'linalg', 'optimisers'],
  'black-box': ['core', 'linalg', 'optimisers'],
  clustering: [...LOW, 'arrays', 'linalg', 'optimisers'],
  factorisation: ['core', 'arrays', 'linalg', 'optimisers', 'penalties', 'blocks', 'linear-models'],
  // The package's root index gathers rooms for those outside of it.
  southwell: ['core', 'arrays', 'linear-models'],
  data: ['southwell', 'core', 'arrays'],
  papers: ['southwell', ...MATHS.filter((r) => r !== 'kernels'), ...FAMILIES, 'data'],
  modelling: ['southwell', ...MATHS, ...FAMILIES, 'data'],
  workbench: ['southwell', ...MATHS, ...FAMILIES, 'data', 'papers', 'modelling'],
  cli: ['southwell', ...MATHS, ...FAMILIES, 'data', 'papers', 'modelling', 'workbench'],
  bench: ['southwell', ...MATHS, ...FAMILIES, 'data', 'papers', 'modelling', 'workbench', 'cli'],
};
const OUTSIDE_ROOMS = new Set(['generated']);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Path from the root, with forward slashes, to source text. */
type Sources = ReadonlyMap<string, string>;

function readSources(): Sources {
  const files = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !OUTSIDE_ROOMS.has(entry.name)) walk(path);
      } else if (entry.name.endsWith('.ts')) {
        files.set(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8'));
      }
    }
  };
  for (const name of readdirSync(join(root, 'packages'))) walk(join(root, 'packages', name, 'src'));
  walk(join(root, 'packages/workbench/app'));
  walk(join(root, 'bench/src'));
  return files;
}

/** The room of a file, by its path. */
function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] === 'bench') return 'bench';
  if (parts[1] !== 'southwell') return parts[1];
  return parts.length > 4 ? parts[3] : 'southwell';
}

/** The file that a package's name stands for, if it is one of ours. */
function ours(specifier: string): string | undefined {
  const onNode = specifier.match(/^@southwell\/([\w-]+)\/node$/);
  if (onNode) return `packages/${onNode[1]}/src/node.ts`;
  const scoped = specifier.match(/^@southwell\/([\w-]+)$/);
  if (scoped) return scoped[1] === 'bench' ? 'bench/src/index.ts' : `packages/${scoped[1]}/src/index.ts`;
  if (specifier === 'southwell') return 'packages/southwell/src/index.ts';
  const room = specifier.match(/^southwell\/([\w-]+)$/);
  return room ? `packages/southwell/src/${room[1]}/index.ts` : undefined;
}

/** Every module that a file names in an import, export, import() or import type; `type` where only types come. */
function importsOf(path: string, text: string): Array<{ specifier: string; type: boolean }> {
  const found: Array<{ specifier: string; type: boolean }> = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const onlyTypes =
        clause !== undefined &&
        (clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
          (!clause.name &&
            named !== undefined &&
            ts.isNamedImports(named) &&
            named.elements.every((e) => e.isTypeOnly)));
      found.push({ specifier: node.moduleSpecifier.text, type: onlyTypes });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const named = node.exportClause;
      const onlyTypes =
        node.isTypeOnly ||
        (named !== undefined && ts.isNamedExports(named) && named.elements.every((e) => e.isTypeOnly));
      found.push({ specifier: node.moduleSpecifier.text, type: onlyTypes });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) found.push({ specifier: argument.text, type: false });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      if (ts.isStringLiteral(literal)) found.push({ specifier: literal.text, type: true });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

/** One sentence for every import that breaks the rules. */
function violations(sources: Sources): string[] {
  const out: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [path, text] of sources) {
    const room = roomOf(path);
    const isTest = path.endsWith('.test.ts');
    if (!(room in MAY)) {
      out.push(`${path} lies in the room ${room}, which has no row in the table.`);
      continue;
    }
    for (const { specifier, type } of importsOf(path, text)) {
      const target = specifier.startsWith('.')
        ? relative(root, resolve(root, dirname(path), specifier)).replaceAll('\\', '/')
        : ours(specifier);
      if (target === undefined || target.includes('/generated/')) continue;
      if (!sources.has(target)) {
        // Tests may read fixtures and run scripts; sources live on sources.
        if (!isTest && target.endsWith('.ts')) out.push(`${path} imports ${target}, which does not exist.`);
        continue;
      }
      // What is erased at run time cannot make a cycle there, but the arrow counts all the same.
      if (!type) edges.set(path, [...(edges.get(path) ?? []), target]);
      const other = roomOf(target);
      if (other === room) continue;
      if (!MAY[room].includes(other))
        out.push(`${path} imports ${other}: ${room} may import ${MAY[room].join(', ') || 'nothing'}.`);
      const index =
        /^(packages\/southwell\/src\/[\w-]+\/index|packages\/[\w-]+\/src\/(index|node)|bench\/src\/index)\.ts$/;
      if (!index.test(target)) out.push(`${path} reaches past the index of ${other}: ${target}.`);
    }
  }
  const cycle = firstCycle(edges);
  if (cycle) out.push(`Cycle: ${cycle.join(' → ')}.`);
  return out;
}

function firstCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const stack: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (stack.includes(file)) return [...stack.slice(stack.indexOf(file)), file];
    if (done.has(file)) return undefined;
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      const found = visit(next);
      if (found) return found;
    }
    stack.pop();
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const found = visit(file);
    if (found) return found;
  }
  return undefined;
}

const sources = readSources();
const planted = (path: string, text: string): string[] => violations(new Map([...sources, [path, text]]));

test('imports point down the house only, through indexes, without cycles', () => {
  expect(sources.size).toBeGreaterThan(100);
  expect(violations(sources)).toEqual([]);
});

test.each([
  ['a value', "import { lasso } from '../linear-models/index.ts';"],
  ['a type', "import type { LinearModel } from '../linear-models/index.ts';"],
  ['an export', "export { lasso } from '../linear-models/index.ts';"],
  ['import()', "export const late = () => import('../linear-models/index.ts');"],
  ['an import type', "export type M = import('../linear-models/index.ts').LinearModel;"],
])('a planted wrong arrow is caught: %s', (_, text) => {
  const found = planted('packages/southwell/src/linalg/planted.ts', text);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/linalg\/planted\.ts imports linear-models/);
});

test('papers must not touch the kernels, and data nothing of the models', () => {
  expect(planted('packages/papers/src/planted.ts', "import { kernels } from '@southwell/kernels';")[0]).toMatch(
    /kernels/,
  );
  expect(planted('packages/data/src/planted.ts', "import { lasso } from 'southwell/linear-models';")[0]).toMatch(
    /linear/,
  );
});

test('reaching past an index is caught', () => {
  const found = planted('packages/southwell/src/blocks/planted.ts', "import { fail } from '../core/errors.ts';");
  expect(found.join()).toMatch(/past the index of core/);
});

test('a cycle is caught, an erased one is none', () => {
  const a = 'packages/southwell/src/core/planted-a.ts';
  const b = 'packages/southwell/src/core/planted-b.ts';
  const cyclic = violations(new Map([...sources, [a, "import './planted-b.ts';"], [b, "import './planted-a.ts';"]]));
  expect(cyclic.join()).toMatch(/Cycle: .*planted-a/);
  const erased = violations(
    new Map([...sources, [a, "import './planted-b.ts';"], [b, "import type { A } from './planted-a.ts';"]]),
  );
  expect(erased).toEqual([]);
});
