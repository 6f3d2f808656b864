import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { pictures } from './pictures.ts';

/** Lists the built files, including workers, for the service worker, which is not part of the build, to cache. */
const fileList: Plugin = {
  name: 'file-list',
  closeBundle() {
    const folder = fileURLToPath(new URL('./dist/app', import.meta.url));
    const hash = createHash('sha256');
    const files: string[] = [];
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const whole = join(entry.parentPath, entry.name);
      const path = relative(folder, whole).replaceAll('\\', '/');
      // Previews are for those who link here.
      if (!entry.isFile() || path === 'sw.js' || path === 'sets.json' || path.startsWith('previews/')) continue;
      if (path !== 'index.html') files.push(path);
      // Other names contain a hash of their own.
      hash.update(path).update(path.startsWith('assets/') ? '' : readFileSync(whole));
    }
    // Bundled sets are those of @southwell/data, which the server adds: the package need not contain them twice.
    const sets = files.flatMap((path) => {
      const [, name] = /^assets\/(.+)-[\w-]{8}\.gz$/.exec(path) ?? [];
      return name === undefined ? [] : [[path, `${name}.gz`]];
    });
    writeFileSync(`${folder}/sets.json`, JSON.stringify(Object.fromEntries(sets)));
    const worker = readFileSync(`${folder}/sw.js`, 'utf8');
    hash.update(worker);
    const bytes = files.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
    const known = { version: hash.digest('hex').slice(0, 16), files: files.sort(), bytes };
    writeFileSync(`${folder}/sw.js`, `self.FILES = ${JSON.stringify(known)};\n${worker}`);
  },
};

/** Typefaces that no formula of a paper or a page asks for: \mathfrak, \mathsf, \mathscr and \mathtt fall back to the page's. */
const UNUSED_FONTS = /@font-face\s*\{[^}]*KaTeX_(?:Fraktur|SansSerif|Script|Typewriter)\b[^}]*\}/g;

/** Browsers that can run the page support WOFF2: KaTeX's two older copies of each font would add an unused megabyte. */
const usedFonts: Plugin = {
  name: 'used-fonts',
  enforce: 'pre',
  transform(code, id) {
    if (!/katex[^/]*\.css/.test(id)) return null;
    const newest = code.replaceAll(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, '');
    return newest.replaceAll(UNUSED_FONTS, '');
  },
};

/**
 * Leaves out chunks of workers that nothing loads: the bundler also writes modules that are only imported by functions
 * which it has removed, such as the released results of all papers, which no worker reads.
 */
const loadedOnly: Plugin = {
  name: 'loaded-only',
  generateBundle(_, bundle) {
    const loaded = new Set<string>();
    const visit = (name: string): void => {
      const chunk = bundle[name];
      if (loaded.has(name) || chunk?.type !== 'chunk') return;
      loaded.add(name);
      for (const other of [...chunk.imports, ...chunk.dynamicImports]) visit(other);
    };
    for (const [name, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) visit(name);
    for (const [name, chunk] of Object.entries(bundle)) {
      if (chunk.type === 'chunk' && !loaded.has(name)) delete bundle[name];
    }
  },
};

// Cross-origin isolation gives the page shared memory, and hence threads; the server in src/ sends the same headers.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const { repository } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

export default defineConfig({
  define: { 'import.meta.env.VITE_REPOSITORY': JSON.stringify(repository?.url) },
  root: 'app',
  // Works under any path.
  base: './',
  plugins: [usedFonts, svelte(), pictures, fileList],
  // Nothing inline: the server's security policy allows only scripts and styles in its own files.
  build: {
    outDir: '../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    // The first versions with light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.md' },
    chunkSizeWarningLimit: 1500,
    // The records of all papers, which are loaded after the first paint, compress better in one file than in one each.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'records', test: /papers\/.*\/\d\d-[^/]*\/(record|locked)\.[jt]s$/ }] },
      },
    },
  },
  worker: { format: 'es', plugins: () => [loadedOnly] },
  server: { headers },
  preview: { headers },
});
