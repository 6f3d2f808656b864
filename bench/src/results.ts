// Output files of benchmarks: pages and other files in bench/results.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failFile, writeFileAtomic } from '@southwell/data/node';
import { benchRoot } from './linear-models/datasets.ts';

/** Writes a result file; returns its path. */
export function save(name: string, text: string): string {
  const path = join(benchRoot, 'results', name);
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    failFile(error, path, 'written');
  }
  writeFileAtomic(path, text);
  return path;
}

export const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

/** A self-contained page, in light and dark, for SVG elements with the classes of its style sheet. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #1c1c1e; --paper: #fff; --grid: #d8d8dc; --faster: #2b7a4b; --slower: #b4532a; --first: #0072b2; --second: #b4532a; --third: #2b7a4b; --fourth: #7a4b9a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ea; --paper: #161618; --grid: #3a3a3e; --faster: #5cb885; --slower: #e08a5b; --first: #56b4e9; --second: #e08a5b; --third: #5cb885; --fourth: #c49be0; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
.grid { stroke: var(--grid); } .one { stroke: var(--ink); } .faster { fill: var(--faster); } .slower { fill: var(--slower); }
.curve { fill: none; stroke-width: 2; } .peer { stroke-dasharray: 6 4; }
table { border-collapse: collapse; } th, td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; font-variant-numeric: tabular-nums; } th:first-child, td:first-child { text-align: left; }
</style></head><body>
<h1>${escaped(title)}</h1>
${body}
</body></html>
`;
