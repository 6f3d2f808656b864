// Bundles the script of charts in self-contained pages, packages/charts/src/embedded.ts, into one file, if any module of
// the package is newer.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const charts = join(dirname(fileURLToPath(import.meta.url)), '../packages/charts');
const outfile = join(charts, 'dist/embedded/charts.js');
const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = readdirSync(join(charts, 'src')).map((name) => join(charts, 'src', name));
if (Math.max(time(join(charts, 'package.json')), ...sources.map(time)) > time(outfile)) {
  await build({
    entryPoints: [join(charts, 'src/embedded.ts')],
    outfile,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    banner: {
      js: '/* Contains d3-array, d3-scale and d3-shape: Copyright Mike Bostock, ISC licence, https://d3js.org */',
    },
    logLevel: 'warning',
  });
}
