// npm run docs:record [name], after a build: runs the commands of the pages in docs/ and writes their outputs, and the
// pictures that they make, into the pages and docs/pictures. Pictures of reports need Chromium.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPages } from './contents.mjs';
import { withOutputs } from './executed.mjs';
import { darkOf } from './pictures.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'packages/cli/bin/southwell.mjs');
const [wanted = ''] = process.argv.slice(2);

/** A part of a report, drawn by Chromium in both colour schemes. */
async function photograph(browser, report, part, file) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width: 760, height: 900 }, colorScheme });
    await page.goto(`file://${report}`);
    await page.waitForTimeout(500);
    await page
      .locator(part)
      .first()
      .screenshot({ path: colorScheme === 'dark' ? darkOf(file) : file });
    await page.close();
  }
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
    if (existsSync(made)) copyFileSync(made, file);
    else {
      // `report-path.png` is the part of report.html with the id `path`.
      const [, report, part] = /^(.*?)-(.*)\.png$/.exec(made.slice(folder.length + 1)) ?? [];
      if (report === undefined || !existsSync(join(folder, `${report}.html`))) continue;
      const { chromium } = await import('playwright-core');
      const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
      await photograph(browser, join(folder, `${report}.html`), `section:has(#${part})`, file);
      await browser.close();
    }
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(name);
}
