import { type ChartSpec, escaped, figureScripts } from '@southwell/charts';
import { style } from './style.ts';

export const html = escaped;

/** A self-contained HTML page: it needs no network and can be opened from a file. */
export function page(parts: {
  readonly title: string;
  readonly body: string;
  /** What the figures in the body show, by their ids. */
  readonly charts?: Readonly<Record<string, ChartSpec>>;
  /** The script that brings charts to life; without it they are drawings. */
  readonly script?: string;
}): string {
  const { title, body, charts = {}, script } = parts;
  const scripts = script !== undefined && Object.keys(charts).length > 0 ? figureScripts(charts, script) : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)} – southwell</title>
<link rel="icon" href="data:,">
<style>${style}</style></head>
<body><main>
${body}
</main>
${scripts}</body></html>
`;
}
