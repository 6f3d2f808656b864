import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { records } from '@southwell/papers';
import { afterAll, expect, test } from 'vitest';
import { PAGES } from './pages.ts';
import { siteFiles } from './site.ts';

const app = mkdtempSync(join(tmpdir(), 'southwell-app-'));
afterAll(() => rmSync(app, { recursive: true, force: true }));
mkdirSync(join(app, 'assets'));
writeFileSync(join(app, 'assets/a-1.js'), 'export {}');
writeFileSync(
  join(app, 'index.html'),
  '<!doctype html><html><head><meta charset="utf-8" /><meta name="description" content="x" /><title>southwell</title><script type="module" src="./assets/a-1.js"></script></head></html>',
);
const source = fileURLToPath(new URL('../app', import.meta.url));
const sources = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(svelte|ts|html)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

const text = (files: ReadonlyMap<string, Uint8Array>, path: string) => new TextDecoder().decode(files.get(path));

test('a page for every address, whose links lead to the files from there', async () => {
  const files = await siteFiles({ app });
  const pages = ['', ...Object.keys(PAGES), ...records.map((r) => `papers/${r.slug}`)].map((path) =>
    `${path}/index.html`.replace(/^\//, ''),
  );
  expect([...files.keys()].filter((path) => path.endsWith('index.html')).sort()).toEqual(pages.sort());
  for (const path of pages) {
    const [, link] = /src="([^"]*)"/.exec(text(files, path))!;
    expect(new URL(link, `https://host/any/path/${path}`).pathname).toBe('/any/path/assets/a-1.js');
    expect(text(files, path)).toMatch(/<meta charset="utf-8" \/>\s*<meta http-equiv="Content-Security-Policy"/);
  }
  expect(text(files, 'papers/17-colide/index.html')).toContain(`<title>${records[16].title} · southwell</title>`);
  expect(text(files, 'papers.atom')).toContain('href="./papers/17-colide"');
  // The release's own.
  expect(text(files, 'verdicts.atom')).toMatch(/<title>CoLiDE[^<]*<\/title>\s*<link [^>]*href="\.\/papers\/17-colide"/);
});

test('links have previews, with absolute addresses where the site is known', async () => {
  mkdirSync(join(app, 'previews'), { recursive: true });
  writeFileSync(join(app, 'previews/17-colide.png'), 'png');
  const [here, there] = [await siteFiles({ app }), await siteFiles({ app, baseUrl: 'https://example.org/a/' })];
  const path = 'papers/17-colide/index.html';
  expect(text(here, path)).toContain(`<meta property="og:title" content="${records[16].title} · southwell" />`);
  expect(text(here, path)).not.toContain('og:image');
  expect(text(there, path)).toContain(
    '<meta property="og:image" content="https://example.org/a/previews/17-colide.png" />',
  );
  expect(text(there, path)).toContain('<meta property="og:url" content="https://example.org/a/papers/17-colide" />');
  // There is no picture of this paper here.
  expect(text(there, 'papers/01-bcd-faster/index.html')).not.toContain('og:image');
  rmSync(join(app, 'previews'), { recursive: true });
});

test('told where it will be, its feeds and the page for what is not found say so', async () => {
  const files = await siteFiles({ app, baseUrl: 'https://example.org/a/"b/' });
  expect(text(files, 'papers.atom')).toContain('href="https://example.org/a/&quot;b/papers/17-colide"');
  expect(text(files, '404.html')).toContain('src="/a/%22b/assets/a-1.js"');
  // At any depth nothing relative would do.
  expect(text(await siteFiles({ app }), '404.html')).not.toMatch(/(src|href)=/);
});

test('every address that the page knows has a file', () => {
  const main = readFileSync(join(source, 'App.svelte'), 'utf8');
  const known = Array.from(main.matchAll(/^ {2}'\/([\w-]+)': \(\) => import/gm), ([, path]) => path);
  expect(known.length).toBeGreaterThan(1);
  for (const path of new Set(known)) expect(Object.keys(PAGES), path).toContain(path);
});

// Beneath another path than the root they would leave the site: at('/data') of app/lib/host.ts is for them.
test.each(sources.map((path) => [path.slice(source.length + 1), path]))(
  '%s has no address from the root',
  (_, path) => {
    const own = readFileSync(path, 'utf8').replace(/^.*const base = .*$/m, '');
    expect(own).not.toMatch(/(href|src|action)=\{?["'`]\/(?!\/)/);
    expect(own).not.toMatch(
      /(fetch|assign|location\.replace|pushState|replaceState|register)\(([^()]*, )?["'`]\/(?!\/)/,
    );
    expect(own).not.toMatch(/location\.(href|pathname) ?= /);
  },
);
