export { chartSvg, saidOf } from './draw.ts';
export { figureHtml, figureScripts } from './figure.ts';
export { adaptiveFile, svgFile } from './file.ts';
export { clipped } from './halfPlanes.ts';
export { type ChartOptions, colourName, dashOf, FEW, type Layout, layoutOf } from './layout.ts';
export { type LiveChart, type LiveOptions, mount, zoomed } from './live.ts';
export { DARK, declarations, LIGHT } from './palette.ts';
export { cappedText, type PictureOptions, pictureSvg } from './picture.ts';
export {
  NAMED_ROWS,
  type Plane,
  type PlaneDrawing,
  type PlaneOptions,
  type PlaneRow,
  planeSvg,
  rowColour,
} from './plane.ts';
export { type Reading, type ReadValue, readingText, valueText } from './read.ts';
export type { ChartAxis, ChartSpec, Rule, Series } from './spec.ts';
export { escaped, fitted, textWidth, tickText, wrapped } from './text.ts';
