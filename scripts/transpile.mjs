// Transpiles every module of every package, except tests, from src/ to dist/; types are removed and not checked.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compilerOptions = { verbatimModuleSyntax: true, useDefineForClassFields: true };

/** Folders of dist/ that are written by other scripts, unless src/ has a folder of that name. */
const OTHERS = ['app', 'bundle', 'docs', 'embedded', 'node', 'wasm'];

const filesIn = (folder, ending) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => name.endsWith(ending))
    : [];

/**
 * Writes the modules of a package that are newer than their output, and removes outputs without source; returns whether
 * any changed.
 */
async function transpilePackage(folder) {
  const [src, dist] = [join(folder, 'src'), join(folder, 'dist')];
  const sources = filesIn(src, '.ts').filter((name) => !name.endsWith('.test.ts') && !name.endsWith('.d.ts'));
  const made = new Set(sources.map((name) => name.replace(/\.ts$/, '.js')));
  const others = OTHERS.filter((name) => !existsSync(join(src, name)));
  const gone = filesIn(dist, '.js').filter((name) => !made.has(name) && !others.includes(name.split('/')[0]));
  for (const name of gone) rmSync(join(dist, name));
  const due = sources.filter((name) => {
    const out = statSync(join(dist, name.replace(/\.ts$/, '.js')), { throwIfNoEntry: false });
    return !out || out.mtimeMs < statSync(join(src, name)).mtimeMs;
  });
  const write = async (name) => {
    const { code } = await transform(readFileSync(join(src, name), 'utf8'), {
      loader: 'ts',
      target: 'es2022',
      sourcefile: join(src, name),
      tsconfigRaw: { compilerOptions },
    });
    const out = join(dist, name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, code.replace(/((?:\bfrom|\bimport|\bimport\()\s*["']\.{1,2}\/[^"'\n]*)\.ts(?=["'])/g, '$1.js'));
  };
  await Promise.all(due.map(write));
  return gone.length + due.length > 0;
}

/** Transpiles all packages; returns the folders of bundles that are now outdated. */
export async function transpile() {
  const folders = [
    ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name)),
    join(root, 'bench'),
  ];
  const changed = await Promise.all(folders.map(transpilePackage));
  const outdated = folders
    .filter((folder, i) => changed[i] && !existsSync(join(folder, 'src/node')))
    .map((folder) => join(folder, 'dist/node'));
  if (changed.includes(true)) outdated.push(join(root, 'packages/cli/dist/bundle'));
  return outdated;
}
