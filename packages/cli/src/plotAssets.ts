import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PlotAssets } from '@southwell/tasks';

/** uPlot's files, for embedding into a self-contained page. */
export function plotAssets(): PlotAssets {
  const require = createRequire(import.meta.url);
  const file = (name: string) => readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');
  return { script: file('uPlot.iife.min.js'), css: file('uPlot.min.css') };
}
