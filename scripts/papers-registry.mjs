// Writes packages/papers/src/generated/registry.ts from the folders of the papers, so that adding a folder registers a
// paper: NN-slug/record.ts, and if it runs NN-slug/experiments/*.ts, NN-slug/snippet.ts and NN-slug/released.json,
// which becomes a module of its own. Browsers and bundlers need explicit imports. Imported for its side effect by the
// build, and by vitest's configuration.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), '../packages/papers/src');
const outFile = join(source, 'generated/registry.ts');

const papers = readdirSync(source)
  .filter((name) => /^\d\d-/.test(name) && existsSync(join(source, name, 'record.ts')))
  .sort()
  .map((slug) => {
    const folder = join(source, slug, 'experiments');
    const experiments = existsSync(folder)
      ? readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      : [];
    return {
      slug,
      id: slug.slice(0, 2),
      experiments: experiments.sort(),
      snippet: existsSync(join(source, slug, 'snippet.ts')),
      released: existsSync(join(source, slug, 'released.json')),
    };
  });
const running = papers.filter((p) => p.experiments.length > 0);

const text = `// Written by scripts/papers-registry.mjs from the folders of the papers.
${papers.map(({ slug, id }) => `import { record as record${id} } from '../${slug}/record.ts';\n`).join('')}${papers
  .filter((p) => p.snippet)
  .map(({ slug, id }) => `import { snippet as snippet${id} } from '../${slug}/snippet.ts';\n`)
  .join('')}import type { Experiment } from '../experiment.ts';
import type { PaperRecord } from '../record.ts';
import type { Released } from '../released.ts';

/** All papers, by number. */
export const records: readonly PaperRecord[] = [
${papers.map(({ id }) => `  record${id},\n`).join('')}];

/** Code that readers can copy and run, by the number of its paper. */
export const snippets: Readonly<Record<number, string>> = {
${papers
  .filter((p) => p.snippet)
  .map(({ id }) => `  ${Number(id)}: snippet${id},\n`)
  .join('')}};

const all = async (modules: ReadonlyArray<Promise<{ readonly default: Experiment }>>): Promise<Experiment[]> =>
  (await Promise.all(modules)).map((module) => module.default);

/** The experiments of the papers that run, by number, loaded when asked for. */
export const experiments: Readonly<Record<number, () => Promise<Experiment[]>>> = {
${running
  .map(
    ({ slug, id, experiments }) =>
      `  ${Number(id)}: () =>\n    all([\n${experiments.map((name) => `      import('../${slug}/experiments/${name}'),\n`).join('')}    ]),\n`,
  )
  .join('')}};

/** Results that ship with the product, by number, loaded when asked for. */
export const released: Readonly<Record<number, () => Promise<Released>>> = {
${papers
  .filter((p) => p.released)
  .map(({ slug, id }) => `  ${Number(id)}: async () => (await import('./released-${slug}.ts')).default,\n`)
  .join('')}};
`;

// Written only if changed, since the compiler and watchers use the modification time.
function write(path, content) {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
write(outFile, text);
for (const { slug } of papers.filter((p) => p.released)) {
  const json = JSON.stringify(JSON.parse(readFileSync(join(source, slug, 'released.json'), 'utf8')));
  write(
    join(dirname(outFile), `released-${slug}.ts`),
    `// Written by scripts/papers-registry.mjs from ${slug}/released.json.
import { parseReleased } from '../released.ts';

export default parseReleased(${JSON.stringify(json)});
`,
  );
}
