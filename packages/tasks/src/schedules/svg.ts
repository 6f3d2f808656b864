import { number } from '../format.ts';

export interface Line {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [640, 320, 48, 28, 12, 36];
const COLOURS = ['#1f5fa8', '#8a8a8a', '#c05a1c'];
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** An SVG of lines with values from 0 to 1 over a common axis. */
export function linesSvg(title: string, xLabel: string, lines: readonly Line[]): string {
  const last = lines.flatMap(({ x }) => x).reduce((a, b) => Math.max(a, b), 1);
  const across = (x: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (x - 1)) / Math.max(1, last - 1);
  const down = (y: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - y);
  const point = (x: number, y: number) => `${across(x).toFixed(1)},${down(y).toFixed(1)}`;
  const text = (x: number, y: number, words: string, more = '') =>
    `<text x="${x}" y="${y}" font-family="sans-serif" font-size="12"${more}>${escaped(words)}</text>`;
  const curves = lines.map(({ x, y }, k) => {
    const points = x.map((at, i) => point(at, y[i])).join(' ');
    return `<polyline fill="none" stroke="${COLOURS[k % COLOURS.length]}" stroke-width="1.5" points="${points}"/>`;
  });
  const names = lines.map(({ name }, k) =>
    text(LEFT + 8 + k * 170, TOP - 10, name, ` fill="${COLOURS[k % COLOURS.length]}"`),
  );
  const marks = [0, 0.5, 1].map((y) => text(LEFT - 8, down(y) + 4, number(y), ' text-anchor="end"'));
  const ends = [1, last].map((x) => text(across(x), HEIGHT - BOTTOM + 16, String(x), ' text-anchor="middle"'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<path d="M${LEFT},${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>`,
    ...marks,
    ...ends,
    text((LEFT + WIDTH) / 2, HEIGHT - 6, xLabel, ' text-anchor="middle"'),
    ...curves,
    ...names,
    '</svg>\n',
  ].join('\n');
}
