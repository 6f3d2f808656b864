import { chartSvg, pictureSvg, svgFile } from '@southwell/charts';
import { clip } from '../../format.ts';
import type { Minimum } from '../result.ts';
import { historyOf, pictureOf } from './picture.ts';

const WIDTH = 640;

const NOTHING =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 40"><text x="10" y="25" font-family="sans-serif">No value was a finite number: there is nothing to draw.</text></svg>\n';

/** The search as an SVG: evaluations of one or two coordinates, or with more the best value so far. */
export function minimizeSvg(m: Minimum): string {
  const title = clip(m.objective, 64);
  const options = { width: WIDTH, whole: true };
  const found = pictureOf(m);
  if (found) return svgFile(pictureSvg(found.picture, title, options));
  const history = historyOf(m);
  if (history.series[0].x.length === 0) return NOTHING;
  return svgFile(chartSvg({ ...history, title: `${title}: ${history.title.toLowerCase()}` }, options));
}
