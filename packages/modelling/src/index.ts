export {
  type ClusterMethod,
  type ClusterRequest,
  type ClusterResult,
  clusterJob,
  clusterMethods,
} from './clusterJob.ts';
export {
  atomColumns,
  type Columns,
  clusterColumns,
  codeColumns,
  componentColumns,
  factorColumns,
  matrixColumns,
  predictionColumns,
  scoreColumns,
  variateColumns,
  weightColumns,
} from './columns.ts';
export { RequestError } from './errors.ts';
export { type CcaRequest, type CcaResult, ccaCautions, ccaJob, ccaMethods, checkViews } from './factor/cca.ts';
export { ccaStreamJob } from './factor/ccaStream.ts';
export {
  type CompletedMatrix,
  type CompleteRequest,
  completeJob,
  completionCautions,
  type Names,
} from './factor/complete.ts';
export {
  type Decomposed,
  type DecomposeRequest,
  type Decomposition,
  decomposeJob,
  decompositions,
} from './factor/decompose.ts';
export {
  type DictionaryMethod,
  type DictionaryRequest,
  dictionaryJob,
  dictionaryMethods,
  type LearnedDictionary,
} from './factor/dictionary.ts';
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
export { clip, count, duration, number, printable } from './format.ts';
export { type GraphPair, graphPair } from './graph/compare.ts';
export { type EdgeList, graphWriter, readEdges } from './graph/formats.ts';
export { graphJob, graphMethods, graphScores, type LearnedGraph, type LearnRequest } from './graph/job.ts';
export { graphSvg } from './graph/svg.ts';
export { modelKind } from './models.ts';
export type { JobProgress, JobTools, Progress } from './progress.ts';
export { chartTools } from './report/chart-tools.ts';
export { html, type PlotAssets, page } from './report/page.ts';
export { reportHtml } from './report/report.ts';
export { sharedSignal } from './sharedSignal.ts';
export { columnDeviations, density } from './stats.ts';
