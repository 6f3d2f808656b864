// Papers are registered by their folders.
import './scripts/papers-registry.mjs';
import { defineConfig } from 'vitest/config';

// Tests run what is written, not what was last built: names of our packages lead to their sources.
const sources = [
  [/^southwell$/, 'southwell/src/index.ts'],
  [/^southwell\/(.+)$/, 'southwell/src/$1/index.ts'],
  [/^@southwell\/(autodiff|kernels|numerics)\/(.+)$/, '$1/src/$2/index.ts'],
  [/^@southwell\/([a-z]+)\/node$/, '$1/src/node.ts'],
  [/^@southwell\/([a-z]+)$/, '$1/src/index.ts'],
] as const;
const packages = new URL('packages/', import.meta.url).pathname;

export default defineConfig({
  resolve: { alias: sources.map(([find, file]) => ({ find, replacement: packages + file })) },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'bench/src/**/*.test.ts', 'scripts/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    // Whole experiments, also on slow machines that others use.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One more than the two cores of a small machine: browsers and programs that tests wait for leave some idle.
    maxWorkers: 3,
    // Transformed sources are kept between runs, by their content.
    experimental: { fsModuleCache: true },
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
    setupFiles: ['scripts/plain-text.ts', 'scripts/random-tests.ts'],
  },
});
