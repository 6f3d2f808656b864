// `npm run docs`, after a build: updates the tables in docs/ that derive from declarations and from the lockfile, then
// builds a static site of the documentation in site/, with the API reference in site/api.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDocs } from './docs/site.mjs';
import { withLicences } from './licences.mjs';
import './options-tables.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/licences.md');
writeFileSync(page, withLicences(readFileSync(page, 'utf8')));

const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typedoc/bin/typedoc')], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) {
  writeDocs(join(root, 'site'), { api: true, workbench: false });
  console.log('The documentation is site/index.html; any web server can host the folder.');
}
process.exitCode = status ?? 1;
