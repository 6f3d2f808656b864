/** Checks of the files of a package, both where it was built and where it was installed. */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import ts from 'typescript';
import { expect } from 'vitest';

export interface Package {
  readonly name: string;
  /** The folder of the package. */
  readonly at: string;
  /** Its published files, relative to the folder. */
  readonly files: readonly string[];
}

/** Imports of its modules that are not dependencies of the package, each with the importing module. */
export function strangersOf({ name, at, files }: Package): string[] {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
  } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
  const own = new Set([name, ...Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })]);
  const modules = files.filter((file) => /\.[cm]?js$/.test(file) && !file.startsWith('dist/app'));
  return modules.flatMap((path) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(at, path), 'utf8'), true, true);
    return importedFiles
      .map(({ fileName }) => fileName)
      .filter((file) => !file.startsWith('.') && !isBuiltin(file) && !own.has(/^(@[^/]+\/)?[^/]+/.exec(file)![0]))
      .map((file) => `${path}: ${file}`);
  });
}

/** The number of files that its bundles expect beside them, and those that are missing. */
export function lookedFor({ name, at, files }: Package): { readonly count: number; readonly missing: string[] } {
  const url =
    /new URL\(`([^`$]+)`,new URL\(`([^`]+)`,(?:import\.meta\.url|require\("url"\)\.pathToFileURL\(__filename\))/g;
  const targets = files
    .filter((file) => /^dist\/(bundle|node)\/.*\.c?js$/.test(file))
    .flatMap((path) => {
      const found = readFileSync(join(at, path), 'utf8').matchAll(url);
      return Array.from(found, ([, to, from]) => ({
        path,
        target: new URL(to, new URL(from, pathToFileURL(join(at, path)))),
      }));
    });
  const missing = targets.filter(({ target }) => !existsSync(target));
  return {
    count: targets.length,
    missing: missing.map(({ path, target }) => `${name}/${path} looks for ${target.pathname}`),
  };
}

/** What pages import from the library, and the most that each may download after gzip, including kernels. */
const IMPORTS = {
  library: { code: `export { lasso } from 'southwell';`, bytes: 130_000 },
  quadraticProgram: { code: `export { quadraticProgram } from 'southwell/constrained';`, bytes: 70_000 },
  interiorPoints: { code: `export { interiorPointIterates } from 'southwell/constrained';`, bytes: 70_000 },
  nonlinearProgram: { code: `export { nonlinearProgram } from 'southwell/constrained';`, bytes: 100_000 },
};
/** The same for the workbench before it shows its feed. */
const PAGE = 100_000;

type Downloads = Record<keyof typeof IMPORTS | 'page', number>;
const within = (budget: number) => expect.toSatisfy((bytes: number) => bytes < budget, `less than ${budget} bytes`);
export const WITHIN_BUDGETS: Record<string, unknown> = { page: within(PAGE) };
for (const [name, { bytes }] of Object.entries(IMPORTS)) WITHIN_BUDGETS[name] = within(bytes);

/** The sizes of these downloads; the library is resolved from a folder, the page is built in another. */
export async function downloads(folder: string, app: string): Promise<Downloads> {
  const zipped = (bytes: Uint8Array) => gzipSync(bytes).length;
  const bundled = async (contents: string) => {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    return zipped(outputFiles[0].contents);
  };
  const html = readFileSync(join(app, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="[^"]*?(assets\/[^"]+)"/g)].map(([, path]) => path);
  expect(first.length).toBeGreaterThan(2);
  const sizes = first.map((path) => zipped(readFileSync(join(app, path))));
  const library = await Promise.all(
    Object.entries(IMPORTS).map(async ([name, { code }]) => [name, await bundled(code)] as const),
  );
  const page = sizes.reduce((a, b) => a + b, zipped(Buffer.from(html)));
  return { ...Object.fromEntries(library), page } as Downloads;
}
