import { escaped } from '@southwell/charts';
import { ofMany, type RegisterResult } from './result.ts';
import { registerView } from './view.ts';

const COLOURS = ['#d1495b', '#30638e', '#edae49', '#5f7d3a', '#7a4f9a', '#3a8f8f', '#8a6d3b', '#555555'];
const [WIDTH, HEIGHT, MARGIN] = [900, 640, 40];

/** The final picture of a registration: all clouds, and for two clouds the motions that are not constrained. */
export function registrationSvg(result: RegisterResult): string {
  const shown = registerView(result).pictures.at(-1);
  if (shown?.picture.type !== 'scatter') return `<svg xmlns="http://www.w3.org/2000/svg"/>`;
  const { points, groups = [], xLabel, yLabel } = shown.picture;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // The same scale for both axes, to preserve angles.
  const scale = Math.min((WIDTH - 2 * MARGIN) / (x1 - x0 || 1), (HEIGHT - 3 * MARGIN) / (y1 - y0 || 1));
  const dots = points.map(({ x, y, group = 0 }) => {
    const [cx, cy] = [MARGIN + (x - x0) * scale, HEIGHT - MARGIN - (y - y0) * scale];
    return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${!ofMany(result) && group === groups.length - 1 && group > 0 ? 2 : 1.2}" fill="${COLOURS[group % COLOURS.length]}"/>`;
  });
  const words = groups.map((name, g) => `<tspan fill="${COLOURS[g % COLOURS.length]}">● ${escaped(name)}  </tspan>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="14">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${MARGIN}" y="24">${escaped(result.advice[0] ?? 'The data fix all six motions.')}</text>`,
    `<text x="${MARGIN}" y="44" xml:space="preserve">${words.join('')}</text>`,
    ...dots,
    `<text x="${WIDTH - MARGIN}" y="${HEIGHT - 12}" text-anchor="end">${xLabel} →, ${yLabel} ↑</text>`,
    '</svg>',
    '',
  ].join('\n');
}
