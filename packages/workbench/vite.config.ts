import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** Lists what was built in files.json, workers included, for the service worker to keep. */
const fileList: Plugin = {
  name: 'file-list',
  closeBundle() {
    const folder = fileURLToPath(new URL('./dist/app', import.meta.url));
    // Browsers that can run the page take the newest format of each font. The digits of MNIST, 20 MB, are kept once used.
    const assets = readdirSync(`${folder}/assets`).filter((name) => !/\.(woff|ttf)$|^mnist/.test(name));
    writeFileSync(
      `${folder}/files.json`,
      JSON.stringify(['/', '/icon.svg', ...assets.map((name) => `/assets/${name}`)]),
    );
  },
};

// Isolation gives the page shared memory, and with it threads; the server of src/ sends the same headers.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  root: 'app',
  plugins: [svelte(), fileList],
  // Nothing inline: the security policy of the server allows scripts and styles of its own files only.
  build: {
    outDir: '../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  server: { headers },
  preview: { headers },
});
