import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = execFileSync('git', ['ls-files', 'packages', 'bench', 'scripts'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((name) => /\.(ts|mjs|svelte)$/.test(name) && !name.endsWith('.test.ts'));

test('a file over 400 lines says why in its first comment', () => {
  expect(files.length).toBeGreaterThan(300);
  const silent = files.filter((name) => {
    const text = readFileSync(join(root, name), 'utf8');
    return text.split('\n').length > 401 && !/^(<!--|\/\/|\/\*\*?)\s*Over 400 lines: /.test(text);
  });
  expect(silent).toEqual([]);
});

const MOST = 100;
/** Functions of a file of more than {@link MOST} lines that do not say why at the beginning of their body, with their lines. */
function longOnes(name: string, text: string): string[] {
  const found: string[] = [];
  if (text.split('\n').length <= MOST) return found;
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  const lineOf = (at: number) => source.getLineAndCharacterOfPosition(at).line;
  const visit = (node: ts.Node): void => {
    // A table as an expression is data.
    if (ts.isFunctionLike(node) && 'body' in node && node.body && ts.isBlock(node.body as ts.Node)) {
      const lines = lineOf(node.end) - lineOf(node.getStart(source)) + 1;
      const inside = text.slice((node.body as ts.Node).getStart(source), node.end);
      if (lines > MOST && !/^\{\s*\/\/ Long because /.test(inside))
        found.push(`${name}:${lineOf(node.getStart(source)) + 1}, ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('a function over 100 lines says why in the first comment of its body', () => {
  const long = (lines: number, first = '') => `const f = () => {\n${first}${'g();\n'.repeat(lines - 2)}};\n`;
  expect(longOnes('f.ts', long(100))).toEqual([]);
  expect(longOnes('f.ts', long(101))).toEqual(['f.ts:1, 101 lines']);
  expect(longOnes('f.ts', long(101, '  // Long because each of its g() needs the one before.\n'))).toEqual([]);
  const sources = files.filter((name) => /\.(ts|mjs)$/.test(name));
  expect(sources.flatMap((name) => longOnes(name, readFileSync(join(root, name), 'utf8')))).toEqual([]);
});
