import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/**
 * Every TypeScript snippet of the README and the docs that imports something runs as it stands, against what is built; but
 * not those that are parts of a file, which is named after the language: scripts/adding.long.test.ts follows them.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
const pages = ['README.md', ...names.map((name) => `docs/${name}`).sort()].filter((p) => p.endsWith('.md'));

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

/** Runs the snippets one after the other, each in a folder of its own; tells what each wrote on stderr or threw. */
const RUNNER = `
import { writeFileSync } from 'node:fs';
const said = [];
const tell = (text) => (said[said.length - 1] += text);
process.stderr.write = tell;
for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, (error) => tell(error.stack));
const [result, ...folders] = process.argv.slice(2);
process.on('exit', () => writeFileSync(result, JSON.stringify(said)));
for (const folder of folders) {
  said.push('');
  process.chdir(folder);
  await import(folder + '/snippet.mjs').catch((error) => tell(error.stack));
}
`;

const folder = mkdtempSync(join(tmpdir(), 'southwell-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** By the place of the snippet. */
let said: readonly string[] = [];

beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const { default: ts } = await import('typescript');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const folders = all.map(({ code }, k) => {
    const own = join(folder, String(k));
    mkdirSync(own);
    writeFileSync(join(own, 'snippet.mjs'), ts.transpileModule(code, { compilerOptions }).outputText);
    return own;
  });
  writeFileSync(join(folder, 'runner.mjs'), RUNNER);
  const result = join(folder, 'said.json');
  const r = spawnSync(process.execPath, ['runner.mjs', result, ...folders], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  expect([r.stderr, r.status]).toEqual(['', 0]);
  said = JSON.parse(readFileSync(result, 'utf8'));
}, 600_000);

test.each(all.map(({ name }, k) => ({ name, k })))('$name runs', ({ k }) => {
  expect(said[k]).toBe('');
});

test('files that the README links to exist', () => {
  const links = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
    (m) => m[1],
  );
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect(existsSync(join(root, link)), link).toBe(true);
});
