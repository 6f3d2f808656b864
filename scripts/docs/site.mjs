import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { contents } from './contents.mjs';
import { gallery } from './gallery.mjs';
import { pageHtml } from './layout.mjs';
import { rendered } from './markdown.mjs';
import { sizeOf } from './pictures.mjs';
import { indexed } from './search.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = join(root, 'docs');
const app = join(root, 'packages/workbench/app');

const pathOf = (name) => name.replace(/\.md$/, '.html');

/** The target of a link of a page, from its place on the site; other files of the repository have none there. */
function linkFrom(name, names) {
  return (target) => {
    if (/^([a-z]+:|#)/.test(target)) return target;
    const [file, anchor] = target.split('#');
    const whole = posix.normalize(posix.join(posix.dirname(name), file));
    if (names.includes(whole)) return `${file.replace(/\.md$/, '.html')}${anchor === undefined ? '' : `#${anchor}`}`;
    return target;
  };
}

/** The pages by name, in order: title, HTML, headings and sections. */
export function pagesOf() {
  const names = ['index.md', ...contents.flatMap(({ pages }) => pages)];
  const texts = new Map(
    names.filter((name) => name !== 'gallery.md').map((name) => [name, readFileSync(join(docs, name), 'utf8')]),
  );
  const entries = names.map((name) => {
    const group = contents.find(({ pages }) => pages.includes(name))?.title ?? 'Start';
    const text = texts.get(name) ?? gallery(texts);
    const sizeFrom = (target) => sizeOf(join(docs, dirname(name), target));
    return [name, { name, group, path: pathOf(name), ...rendered(text, linkFrom(name, names), sizeFrom) }];
  });
  return new Map(entries);
}

/** What the search finds: a section for each heading, and exported names of the API if there are any. */
export function sectionsOf(pages, api = []) {
  const own = [...pages.values()].flatMap(({ path, title: page, group, keywords, sections }) =>
    sections.map(({ title, id, level, text }, k) => ({
      id: `${path}#${id}`,
      href: k === 0 ? path : `${path}#${id}`,
      ...{ title, page, group },
      keywords: k === 0 ? keywords : '',
      text: text.slice(0, level === 1 ? 600 : 400),
    })),
  );
  return [...own, ...api];
}

/** The names of the API reference, from the files that typedoc wrote in a folder. */
function apiOf(folder) {
  const kinds = ['functions', 'classes', 'interfaces', 'types', 'variables'];
  return kinds.flatMap((kind) => {
    const place = join(folder, kind);
    if (!existsSync(place)) return [];
    return readdirSync(place).map((file) => {
      const [module, name] = /^(.*)\.([^.]+)\.html$/.exec(file)?.slice(1) ?? ['', file.replace('.html', '')];
      const page = module.replace(/^_/, '@').replaceAll('_', '/');
      return {
        id: `api/${kind}/${file}`,
        href: `api/${kind}/${file}`,
        title: name,
        page,
        group: 'API',
        keywords: '',
        text: '',
      };
    });
  });
}

/**
 * Writes the documentation to a folder.
 * @param {string} folder
 * @param {{ api?: boolean, workbench?: boolean }} parts Whether the API reference is in the folder's `api`, and whether the
 * workbench is in the folder above.
 */
export function writeDocs(folder, { api = false, workbench = true } = {}) {
  if (!api) rmSync(folder, { recursive: true, force: true });
  const put = (path, content) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  const pages = pagesOf();
  for (const page of pages.values()) put(page.path, pageHtml(page, pages, { api, workbench }));
  const sections = sectionsOf(pages, api ? apiOf(join(folder, 'api')) : []);
  // A script rather than JSON, so that the pages also work from a disk.
  put('search.js', `globalThis.southwellDocs = ${JSON.stringify(JSON.stringify(indexed(sections)))};\n`);
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('client.mjs', import.meta.url))],
    ...{ bundle: true, minify: true, write: false, target: 'es2022', format: 'iife' },
  });
  put('docs.js', outputFiles[0].contents);
  const styles = ['tokens.css', 'styles.css'].map((name) => readFileSync(join(app, name), 'utf8'));
  styles.push(readFileSync(new URL('docs.css', import.meta.url), 'utf8'));
  put('docs.css', styles.join('\n').replace('@import "./tokens.css";\n', ''));
  put('icon.svg', readFileSync(join(app, 'public/icon.svg')));
  for (const entry of readdirSync(join(docs, 'pictures'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = posix.relative(docs, join(entry.parentPath, entry.name));
    put(path, readFileSync(join(docs, path)));
  }
}
