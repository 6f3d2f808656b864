import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * Holds the tree to the table of rooms in docs/architecture.md, its only source: a room is a folder, other rooms see only
 * its index, imports go where the table's last column says, and no files make a cycle. Types count as values do.
 */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** Room to the rooms it may import, from the first table: its rows begin with a room's name in backticks. */
function arrows(markdown: string): ReadonlyMap<string, ReadonlySet<string>> {
  const [, section] = markdown.split(/^## Rooms and arrows$|^### /m);
  const rows = [...section.matchAll(/^\| `([\w/-]+)` +\|.*\| ([^|]+) \|$/gm)].map((m) => ({ room: m[1], may: m[2] }));
  const rooms = rows.map((row) => row.room);
  const out = new Map<string, ReadonlySet<string>>();
  for (const { room, may } of rows) {
    const names = [...may.matchAll(/`([\w/*-]+)`/g)].flatMap((m) =>
      m[1].endsWith('/*') ? rooms.filter((r) => r.startsWith(m[1].slice(0, -1))) : [m[1]],
    );
    if (names.length === 0 && may.trim() !== 'nothing') throw new Error(`The row of ${room} has no rooms: ${may}.`);
    for (const name of names)
      if (!rooms.includes(name)) throw new Error(`${room} may import ${name}, which has no row.`);
    out.set(room, new Set(names));
  }
  return out;
}
const MAY = arrows(page);

/** Packages all of whose folders beneath src are rooms of their own; of others those that have a row. */
const HOUSES = ['numerics', 'southwell'];

/** The room of a file, by its path. */
function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] === 'bench') return 'bench';
  const room = `${parts[1]}/${parts[3]}`;
  return parts.length > 4 && (HOUSES.includes(parts[1]) || MAY.has(room)) ? room : parts[1];
}

/** The file that a package's name stands for, if it is one of ours. */
function ours(specifier: string): string | undefined {
  const match = specifier.match(/^(?:@southwell\/([\w-]+)|(southwell))(?:\/([\w-]+))?$/);
  if (!match) return undefined;
  const [, scoped, plain, room] = match;
  const name = scoped ?? plain;
  if (name === 'bench') return 'bench/src/index.ts';
  if (!room) return `packages/${name}/src/index.ts`;
  return room === 'node' ? `packages/${name}/src/node.ts` : `packages/${name}/src/${room}/index.ts`;
}

const INDEX =
  /^(packages\/[\w-]+\/src\/(index|node)|packages\/(numerics|southwell|autodiff|kernels)\/src\/[\w-]+\/index|bench\/src\/index)\.ts$/;

/** Every module that a file names in an import, export, import() or import type. */
function importsOf(path: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      if (ts.isStringLiteral(node.moduleSpecifier)) found.push(node.moduleSpecifier.text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) found.push(argument.text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) found.push(node.argument.literal.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

/** Path from the root, with forward slashes, to what the file imports. */
type Tree = ReadonlyMap<string, readonly string[]>;

function readTree(): Tree {
  const files = new Map<string, string[]>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'generated') walk(path);
      } else if (/\.(ts|svelte)$/.test(entry.name)) {
        const text = readFileSync(path, 'utf8');
        // Of a component only the scripts are TypeScript.
        const code = entry.name.endsWith('.svelte')
          ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((m) => m[1]).join('\n')
          : text;
        const name = relative(root, path).replaceAll('\\', '/');
        files.set(name, importsOf(name, code));
      }
    }
  };
  for (const name of readdirSync(join(root, 'packages'))) walk(join(root, 'packages', name, 'src'));
  walk(join(root, 'packages/workbench/app'));
  walk(join(root, 'bench/src'));
  return files;
}

/** One sentence for every import that breaks the rules. */
function violations(tree: Tree): string[] {
  const out: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [path, imports] of tree) {
    const room = roomOf(path);
    const may = MAY.get(room);
    if (!may) {
      out.push(`${path} lies in the room ${room}, which has no row in the table.`);
      continue;
    }
    for (const specifier of imports) {
      const target = specifier.startsWith('.')
        ? relative(root, resolve(root, dirname(path), specifier)).replaceAll('\\', '/')
        : ours(specifier);
      if (target === undefined || target.includes('/generated/')) continue;
      if (!tree.has(target)) {
        // Tests may read fixtures and run scripts; sources live on sources.
        if (!path.endsWith('.test.ts') && /\.(ts|svelte)$/.test(target) && !target.endsWith('.d.ts'))
          out.push(`${path} imports ${target}, which does not exist.`);
        continue;
      }
      edges.set(path, [...(edges.get(path) ?? []), target]);
      const other = roomOf(target);
      if (other === room) continue;
      if (!may.has(other))
        out.push(`${path} imports ${other}: ${room} may import ${[...may].join(', ') || 'nothing'}.`);
      if (!INDEX.test(target)) out.push(`${path} reaches past the index of ${other}: ${target}.`);
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

const tree = readTree();
const planted = (...files: Array<[path: string, text: string]>): string[] =>
  violations(new Map([...tree, ...files.map(([path, text]) => [path, importsOf(path, text)] as const)]));

test('imports go where the table says, through indexes, without cycles', () => {
  expect(tree.size).toBeGreaterThan(100);
  expect(violations(tree)).toEqual([]);
});

test('the table itself points one way', () => {
  const rooms = [...MAY.keys()];
  for (const [room, may] of MAY) {
    for (const other of may) expect(rooms.indexOf(other), `${room} → ${other}`).toBeLessThan(rooms.indexOf(room));
  }
});

test.each([
  ['a value', "import { lasso } from 'southwell/linear-models';"],
  ['a type', "import type { LinearModel } from 'southwell/linear-models';"],
  ['an export', "export { lasso } from 'southwell/linear-models';"],
  ['import()', "export const late = () => import('southwell/linear-models');"],
  ['an import type', "export type M = import('southwell/linear-models').LinearModel;"],
])('a planted wrong arrow is caught: %s', (_, text) => {
  const found = planted(['packages/numerics/src/linalg/planted.ts', text]);
  expect(found[0]).toMatch(/linalg\/planted\.ts imports southwell\/linear-models/);
});

test.each([
  ['papers', "import { Arena } from '@southwell/kernels';", /imports kernels/],
  ['cli', "import { Arena } from '@southwell/kernels';", /imports kernels/],
  ['data', "import { lasso } from 'southwell/linear-models';", /imports southwell\/linear-models/],
  ['data', "import { lasso } from 'southwell';", /imports southwell:/],
])('%s may not: %s', (name, text, message) => {
  expect(planted([`packages/${name}/src/planted.ts`, text])[0]).toMatch(message);
});

test('reaching past an index is caught', () => {
  const found = planted(['packages/numerics/src/linalg/planted.ts', "import { fail } from '../core/errors.ts';"]);
  expect(found.join()).toMatch(/past the index of numerics\/core/);
});

test.each(['import ', 'import type { A } from '])('a cycle is caught: %s', (form) => {
  const a = 'packages/numerics/src/core/planted-a.ts';
  const b = 'packages/numerics/src/core/planted-b.ts';
  const found = planted([a, "import './planted-b.ts';"], [b, `${form}'./planted-a.ts';`]);
  expect(found.join()).toMatch(/Cycle: .*planted-a/);
});
