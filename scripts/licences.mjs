// Third-party licences: the texts that must be included in a bundle, and the list in docs/licences.md (`npm run docs`),
// from the build and the lockfile.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const parse = (...path) => JSON.parse(read(...path));

/** The licences of all packages that contain the modules, in the form of vite's `build.license`. */
export function licencesOf(modules) {
  const folders = new Set(
    modules.map((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]).filter(Boolean),
  );
  const sections = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `## ${name} - ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : 'The package has no file with its licence.'}\n`;
  });
  return `# Licences\n\nThe command contains these packages:\n\n${sections.join('\n')}`;
}

/** The run-time dependencies of the workspace's packages by name, including transitive ones. */
function installed() {
  const { packages } = parse('package-lock.json');
  const found = new Map();
  const visit = (name, from) => {
    // Node's resolution: first the folder of the importing package, then those of its parents.
    let host = from;
    while (host && !packages[`${host}/node_modules/${name}`])
      host = host.slice(0, Math.max(0, host.lastIndexOf('/node_modules/')));
    const key = `${host && `${host}/`}node_modules/${name}`;
    const entry = packages[key];
    if (!entry || entry.link || found.has(`${name} ${entry.version}`)) return;
    found.set(`${name} ${entry.version}`, entry.license);
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(dependency, key);
  };
  for (const folder of parse('package.json').workspaces.filter((f) => f.startsWith('packages/'))) {
    for (const name of Object.keys(parse(folder, 'package.json').dependencies ?? {})) visit(name, folder);
  }
  return found;
}

/** Maps name and version to licence, for the packages in a list written by a bundler. */
const listed = (path) =>
  new Map([...read(path).matchAll(/^## (\S+) - (\S+) \(([^)]*)\)$/gm)].map((m) => [`${m[1]} ${m[2]}`, m[3]]));

const START = '<!-- packages -->';
const END = '<!-- end of packages -->';

/** The page docs/licences.md with its table updated. Needs a build. */
export function withLicences(page) {
  const places = [
    ['installed', installed()],
    ['in the command', listed('packages/cli/dist/bundle/licences.md')],
    ['in the page', listed('packages/workbench/dist/app/licences.md')],
  ];
  const all = new Map(places.flatMap(([, list]) => [...list]));
  const rows = [...all.keys()].sort().map((key) => {
    const where = places.filter(([, list]) => list.has(key)).map(([place]) => place);
    return [...key.split(' '), all.get(key), where.join(', ')];
  });
  const table = [['package', 'version', 'licence', 'where'], ...rows];
  const widths = table[0].map((_, k) => Math.max(...table.map((row) => row[k].length)));
  const line = (row) => `| ${row.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`;
  const text = [table[0], widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
  return page.slice(0, page.indexOf(START) + START.length) + `\n\n${text}\n\n` + page.slice(page.indexOf(END));
}
