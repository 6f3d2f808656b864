import { style } from './style.ts';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const html = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c]);
/** JSON that cannot terminate the script element that contains it. */
const embed = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? null : v)).replaceAll('<', '\\u003c');

/** The text of uPlot's files uPlot.iife.min.js and uPlot.min.css, which are embedded in the page. */
export interface PlotAssets {
  readonly script: string;
  readonly css: string;
}

/** A self-contained HTML page: it needs no network and can be opened from a file. */
export function page(parts: {
  readonly title: string;
  readonly body: string;
  /** The script that draws `data`, available as DATA; without it the page has only text. */
  readonly charts?: string;
  readonly data?: unknown;
  /** Required with `charts`. */
  readonly uplot?: PlotAssets;
}): string {
  const { title, body, charts, data, uplot } = parts;
  const scripts =
    charts === undefined
      ? ''
      : `<noscript><p>The plots need JavaScript; the tables do not.</p></noscript>
<script>${uplot!.script.replaceAll('</script', '<\\/script')}</script>
<script>const DATA = ${embed(data)};${charts}</script>
`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)} – southwell</title>
<link rel="icon" href="data:,">
<style>${charts === undefined ? '' : uplot!.css}${style}</style></head>
<body><main>
${body}
</main>
${scripts}</body></html>
`;
}
