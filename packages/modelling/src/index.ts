export { RequestError } from './errors.ts';
export {
  type ChosenPoint,
  type Coefficient,
  type Curves,
  coefficientName,
  type FitOutcome,
  type FitRequest,
  type FitResult,
  fitJob,
  type Hooks,
  headline,
  interceptText,
  scoreName,
} from './fitJob.ts';
export { count, duration, number } from './format.ts';
export { modelKind } from './models.ts';
export type { Progress } from './progress.ts';
export { chartTools } from './report/chart-tools.ts';
export { html, type PlotAssets, page } from './report/page.ts';
export { reportHtml } from './report/report.ts';
export { columnDeviations, density } from './stats.ts';
