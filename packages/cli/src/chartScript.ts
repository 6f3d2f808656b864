import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The script that brings the charts of a self-contained page to life, as text. */
export const chartScript = (): string =>
  readFileSync(createRequire(import.meta.url).resolve('@southwell/charts/embedded'), 'utf8');
