// The pictures of papers, drawn when the page is built: thumbnails of the feed, and previews for links to a paper.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { adaptiveFile, type ChartOptions, chartSvg, escaped, pictureSvg, svgFile, wrapped } from '@southwell/charts';
import { type ReleasedPicture, records, releasedOf } from '@southwell/papers';
import UPNG from 'upng-js';
import type { Plugin } from 'vite';

function drawn(picture: ReleasedPicture, options: ChartOptions): string {
  const { says: title } = picture;
  if (picture.kind === 'picture') return pictureSvg(picture.picture, title, options);
  const { axes, curves } = picture;
  const [x, y] = [
    { label: axes.x, log: axes.logX },
    { label: axes.y, log: axes.logY },
  ];
  return chartSvg({ title, x, y, series: curves }, options);
}

/** The size that Open Graph asks for. */
const [WIDTH, HEIGHT] = [1200, 630];

/** The paper's title above its picture, on white. */
function previewSvg(title: string, picture: ReleasedPicture): string {
  // Bold letters are wider than those that are measured.
  const lines = wrapped(title, (WIDTH - 120) / 1.15, 40, 3);
  const chart = svgFile(drawn(picture, { width: 560, height: 220 }));
  const [, width, height] = (/ width="([\d.]+)" height="([\d.]+)"/.exec(chart) ?? ['', '1', '1']).map(Number);
  const top = 60 + 50 * lines.length;
  const scale = Math.min((WIDTH - 100) / width, (HEIGHT - top - 30) / height);
  const place = `x="${(WIDTH - scale * width) / 2}" y="${top}" width="${scale * width}" height="${scale * height}"`;
  const heading = lines.map(
    (line, k) =>
      `<text x="60" y="${80 + 50 * k}" font-size="40" font-weight="700" fill="#1b1f23">${escaped(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="DejaVu Sans">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${heading.join('\n')}
${chart.replace(/ width="[\d.]+" height="[\d.]+"/, ` ${place}`)}
<text x="${WIDTH - 40}" y="${HEIGHT - 24}" text-anchor="end" font-size="24" fill="#56606a">southwell</text>
</svg>`;
}

export const pictures: Plugin = {
  name: 'pictures',
  async generateBundle() {
    const { resolve } = createRequire(import.meta.url);
    await initWasm(readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));
    const fonts = ['DejaVuSans', 'DejaVuSans-Bold'].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));
    const fontBuffers = await Promise.all(fonts.map((path) => readFile(path)));
    const font = { fontBuffers, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' };
    for (const { number, slug, title } of records) {
      const picture = (await releasedOf(number))?.picture;
      if (!picture) continue;
      const thumbnail = adaptiveFile(drawn(picture, { width: 248, small: true }));
      this.emitFile({ type: 'asset', fileName: `thumbnails/${number}.svg`, source: thumbnail });
      const { pixels } = new Resvg(previewSvg(title, picture), { font }).render();
      // A palette is enough for lines and text, at a tenth of the size.
      const preview = UPNG.encode([new Uint8Array(pixels).buffer], WIDTH, HEIGHT, 16);
      this.emitFile({ type: 'asset', fileName: `previews/${slug}.png`, source: new Uint8Array(preview) });
    }
  },
};
