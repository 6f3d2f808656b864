import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/**
 * Every TypeScript snippet of the README and the docs that imports something runs as it stands, against what is built; but
 * not those that are parts of a file, which is named after the language: scripts/adding.long.test.ts follows them.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((p) =>
  p.endsWith('.md'),
);

function snippets(text: string): string[] {
  return [...text.matchAll(/^```(?:ts|js|typescript|javascript)\n([\s\S]*?)^```/gm)]
    .map((m) => m[1])
    .filter((code) => /^import /m.test(code));
}

const all = pages.flatMap((page) =>
  snippets(readFileSync(join(root, page), 'utf8')).map((code, k) => ({ name: `${page}, snippet ${k + 1}`, code })),
);

test('the README has a snippet', () => {
  expect(all.some(({ name }) => name.startsWith('README.md'))).toBe(true);
});

test.each(all)('$name runs', async ({ code }) => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-docs-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    const { default: ts } = await import('typescript');
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(join(folder, 'snippet.mjs'), outputText);
    const r = spawnSync(process.execPath, ['snippet.mjs'], { cwd: folder, encoding: 'utf8', timeout: 50_000 });
    expect(r.stderr).toBe('');
    expect(r.status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('files that the README links to exist', () => {
  const links = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
    (m) => m[1],
  );
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect(existsSync(join(root, link)), link).toBe(true);
});
