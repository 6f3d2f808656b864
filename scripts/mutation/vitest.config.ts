import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

// Only the tests next to the mutated files.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/numerics/src/linalg/*.test.ts', 'packages/southwell/src/penalties/*.test.ts'],
  },
});
