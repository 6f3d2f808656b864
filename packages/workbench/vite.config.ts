import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Isolation gives the page shared memory, and with it threads; the server of src/ sends the same headers.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  root: 'app',
  plugins: [svelte()],
  // Nothing inline: the security policy of the server allows scripts and styles of its own files only.
  build: {
    outDir: '../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  server: { headers },
  preview: { headers },
});
