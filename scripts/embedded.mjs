// Bundles the script of charts in self-contained pages, packages/charts/src/embedded.ts, into one file, if any module of
// the package is newer.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const charts = join(dirname(fileURLToPath(import.meta.url)), '../packages/charts');
const outfile = join(charts, 'dist/embedded/charts.js');
const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = readdirSync(join(charts, 'src')).map((name) => join(charts, 'src', name));
const licence = readFileSync(join(charts, '../../node_modules/d3-array/LICENSE'), 'utf8');
if (Math.max(time(join(charts, 'package.json')), ...sources.map(time)) > time(outfile)) {
  await build({
    entryPoints: [join(charts, 'src/embedded.ts')],
    outfile,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    // The licence of d3 has to be in every copy; it is the same for all its modules.
    banner: { js: `/* Contains modules of d3, https://d3js.org\n${licence} */` },
    logLevel: 'warning',
  });
  // It exports nothing: it is read as text, or run.
  writeFileSync(outfile.replace(/\.js$/, '.d.ts'), 'export {};\n');
}
