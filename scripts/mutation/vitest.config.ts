import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

// The tests that stand beside what is mutated, and no others.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/numerics/src/linalg/*.test.ts', 'packages/southwell/src/penalties/*.test.ts'],
  },
});
