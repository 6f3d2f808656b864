// `npm run docs`, after a build: the tables in docs/ that derive from declarations and from the lockfile are written anew,
// then docs/ and the reference of the libraries become a static site in site/.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLicences } from './licences.mjs';
import './options-tables.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/licences.md');
writeFileSync(page, withLicences(readFileSync(page, 'utf8')));

const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typedoc/bin/typedoc')], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) console.log('The documentation is site/index.html; any web server can host the folder.');
process.exitCode = status ?? 1;
