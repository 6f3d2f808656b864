// Writes packages/papers/src/generated/ from the folders of the papers, so that adding a folder registers a paper:
// records.ts from NN-slug/record.ts, and cards.ts with what lists of papers show of them; registry.ts from NN-slug/experiments/*.ts, if it
// runs, and NN-slug/live.ts; a module of NN-slug/released.json with the
// paper's ledger, one of NN-slug/history.json and nulls.json, and one of all NN-slug/snippet.ts, so that none is loaded
// before it is needed. Browsers and bundlers need explicit imports. Imported for its side effect by the build, and by
// vitest's configuration.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

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
      live: existsSync(join(source, slug, 'live.ts')),
      snippet: existsSync(join(source, slug, 'snippet.ts')),
      released: existsSync(join(source, slug, 'released.json')),
      ledger: existsSync(join(source, slug, 'ledger.ts')),
      history: existsSync(join(source, slug, 'history.json')),
    };
  });
const running = papers.filter((p) => p.experiments.length > 0);

const imports = papers
  .map(({ slug, id }) => `import { record as record${id} } from '../${slug}/record.ts';\n`)
  .join('');
const list = papers.map(({ id }) => `  record${id},\n`).join('');
const records = `// Written by scripts/papers-registry.mjs from the folders of the papers.
${imports}import type { PaperRecord } from '../record.ts';

/** All papers, by number. */
export const records: readonly PaperRecord[] = [
${list}];
`;

// The bundler resolves imports from a folder that exists.
mkdirSync(dirname(outFile), { recursive: true });

/** The records as data. */
const { outputFiles } = buildSync({
  stdin: { contents: `${imports}export default [${list}];`, resolveDir: dirname(outFile), loader: 'ts' },
  bundle: true,
  format: 'esm',
  write: false,
});
const { default: data } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
const SHOWN = ['number', 'slug', 'title', 'authors', 'firstAuthors', 'date', 'venue', 'family', 'summary'];
const cards = data.map((record) => ({
  ...Object.fromEntries(SHOWN.map((key) => [key, record[key]])),
  claims: record.claims.map(({ id }) => id),
}));

const text = `// Written by scripts/papers-registry.mjs from the folders of the papers.
import type { Experiment } from '../experiment.ts';
import type { Live } from '../live.ts';
import type { Dossier, Released } from '../verdicts/released.ts';

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

/** Experiments for the first page, by number, loaded when asked for. */
export const lives: Readonly<Record<number, () => Promise<Live>>> = {
${papers
  .filter((p) => p.live)
  .map(({ slug, id }) => `  ${Number(id)}: async () => (await import('../${slug}/live.ts')).default,\n`)
  .join('')}};

/** Results that ship with the product, by number, loaded when asked for. */
export const released: Readonly<Record<number, () => Promise<Released>>> = {
${papers
  .filter((p) => p.released)
  .map(({ slug, id }) => `  ${Number(id)}: async () => (await import('./released-${slug}.ts')).default,\n`)
  .join('')}};

/** What was locked and changed, and the verdicts under nulls, by number, loaded when asked for. */
export const dossiers: Readonly<Record<number, () => Promise<Dossier>>> = {
${papers
  .filter((p) => p.released && p.history)
  .map(({ slug, id }) => `  ${Number(id)}: async () => (await import('./dossier-${slug}.ts')).default,\n`)
  .join('')}};
`;

// Written only if changed, since the compiler and watchers use the modification time.
function write(path, content) {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  writeFileSync(path, content);
}
write(outFile, text);
write(join(dirname(outFile), 'records.ts'), records);
write(
  join(dirname(outFile), 'cards.ts'),
  `// Written by scripts/papers-registry.mjs from the records of the papers.
import type { PaperCard } from '../record.ts';

/** What lists show of all papers, by number. */
export const cards: readonly PaperCard[] = JSON.parse(${JSON.stringify(JSON.stringify(cards))});
`,
);
const withSnippet = papers.filter((p) => p.snippet);
write(
  join(dirname(outFile), 'snippets.ts'),
  `// Written by scripts/papers-registry.mjs from the folders of the papers.
${withSnippet.map(({ slug, id }) => `import { snippet as snippet${id} } from '../${slug}/snippet.ts';\n`).join('')}
/** Code that readers can copy and run, by the number of its paper. */
export const snippets: Readonly<Record<number, string>> = {
${withSnippet.map(({ id }) => `  ${Number(id)}: snippet${id},\n`).join('')}};
`,
);
const json = (slug, name) => {
  const file = join(source, slug, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};
for (const { slug, ledger, history } of papers.filter((p) => p.released)) {
  const text = JSON.stringify(JSON.stringify(json(slug, 'released.json')));
  const entries = json(slug, 'history.json') ?? [];
  write(
    join(dirname(outFile), `released-${slug}.ts`),
    `// Written by scripts/papers-registry.mjs from ${slug}/released.json, ledger.ts and history.json.
${ledger ? `import { ledger } from '../${slug}/ledger.ts';\n` : ''}import { record } from '../${slug}/record.ts';
import { parseReleased } from '../verdicts/released.ts';
import { seedsSeenOf } from '../verdicts/history.ts';

export default parseReleased(${text}, {${ledger ? ' ledger,' : ''} seen: seedsSeenOf(record, ${JSON.stringify(entries.map(({ changes, seen }) => ({ changes: changes.map(({ path }) => ({ path })), seen: seen.map(({ seeds }) => ({ seeds })) })))}) });
`,
  );
  if (history) {
    const dossier = JSON.stringify(JSON.stringify({ history: entries, nulls: json(slug, 'nulls.json') ?? [] }));
    write(
      join(dirname(outFile), `dossier-${slug}.ts`),
      `// Written by scripts/papers-registry.mjs from ${slug}/history.json and nulls.json.
export default JSON.parse(${dossier});
`,
    );
  }
}
