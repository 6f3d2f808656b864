import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** Lists what was built in files.json, workers included, for the service worker to keep. */
const fileList: Plugin = {
  name: 'file-list',
  closeBundle() {
    const folder = fileURLToPath(new URL('./dist/app', import.meta.url));
    // MNIST, 1.6 MB, is kept once used.
    const assets = readdirSync(`${folder}/assets`).filter((name) => !name.startsWith('mnist'));
    writeFileSync(
      `${folder}/files.json`,
      JSON.stringify(['/', '/icon.svg', ...assets.map((name) => `/assets/${name}`)]),
    );
  },
};

/** Browsers that can run the page read WOFF2: KaTeX's two older copies of each font would be a megabyte that nobody loads. */
const newestFonts: Plugin = {
  name: 'newest-fonts',
  enforce: 'pre',
  transform(code, id) {
    if (!/katex[^/]*\.css/.test(id)) return null;
    return code.replaceAll(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, '');
  },
};

// Isolation gives the page shared memory, and with it threads; the server of src/ sends the same headers.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  root: 'app',
  plugins: [newestFonts, svelte(), fileList],
  // Nothing inline: the security policy of the server allows scripts and styles of its own files only.
  build: {
    outDir: '../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.md' },
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  server: { headers },
  preview: { headers },
});
