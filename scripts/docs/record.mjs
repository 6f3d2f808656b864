// npm run docs:record [name], after a build: runs the commands of the pages in docs/ and writes their outputs, and the
// pictures that they make, into the pages and docs/pictures.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adaptiveFile } from '@southwell/charts';
import { runPages } from './contents.mjs';
import { withOutputs } from './executed.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'packages/cli/bin/southwell.mjs');
const [wanted = ''] = process.argv.slice(2);

/** A chart or picture of a report, as an image that is light or dark as the page around it; undefined if it has none. */
function drawingOf(report, id) {
  const [, drawing] = new RegExp(`data-(?:chart|picture)="${id}">(<svg[\\s\\S]*?</svg>)</div>`).exec(report) ?? [];
  return drawing && adaptiveFile(drawing);
}

for (const name of runPages) {
  const path = join(root, 'docs', name);
  if (!name.includes(wanted)) continue;
  const text = readFileSync(path, 'utf8');
  if (!/^```sh/m.test(text)) continue;
  const folder = mkdtempSync(join(tmpdir(), 'southwell-docs-'));
  const env = { ...process.env, NO_COLOR: '1', SOUTHWELL_HOME: join(folder, 'home') };
  const run = (words) => {
    const r = spawnSync(process.execPath, [command, ...words], { cwd: folder, encoding: 'utf8', env });
    if (r.status !== 0) throw new Error(`${name}: southwell ${words.join(' ')} ended with ${r.status}: ${r.stderr}`);
    return r.stdout;
  };
  const written = withOutputs(text, run, (file, contents) => writeFileSync(join(folder, file), contents));
  if (written !== text) writeFileSync(path, written);
  const pictures = Array.from(text.matchAll(/!\[[^\]]*\]\(((?:\.\.\/)?pictures\/[^)]+)\)/g), ([, target]) => target);
  for (const target of pictures) {
    const file = join(dirname(path), target);
    const made = join(folder, target.split('/').at(-1));
    mkdirSync(dirname(file), { recursive: true });
    // `report-path.svg` is the drawing of report.html with the id `path`.
    const [, report, id] = /^(\w+)-([\w-]+)\.svg$/.exec(target.split('/').at(-1)) ?? [];
    const page = join(folder, `${report}.html`);
    if (existsSync(made)) copyFileSync(made, file);
    else if (existsSync(page)) writeFileSync(file, drawingOf(readFileSync(page, 'utf8'), id));
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(name);
}
