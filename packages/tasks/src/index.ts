export { type Checked, check, flags, keys, labels, type Spelling } from './check.ts';
export { type CheckpointStore, type Stage, Stages } from './checkpoints.ts';
export type { Columns } from './columns.ts';
export { commandWords, fileWord, optionWords, shellLine, shellWord } from './command.ts';
export { FORMATS, TABLE } from './data-options.ts';
export { endedText } from './ended.ts';
export { RequestError } from './errors.ts';
export { type CcaRequest, type CcaResult, ccaCautions, ccaJob, ccaMethods, checkViews } from './factorisation/cca.ts';
export { ccaStreamJob } from './factorisation/ccaStream.ts';
export {
  atomColumns,
  codeColumns,
  componentColumns,
  factorColumns,
  matrixColumns,
  predictionColumns,
  scoreColumns,
  variateColumns,
  weightColumns,
} from './factorisation/columns.ts';
export {
  type CompletedMatrix,
  type CompleteRequest,
  completeJob,
  completionCautions,
} from './factorisation/complete.ts';
export type { Names } from './factorisation/completeEntries.ts';
export {
  type Decomposed,
  type DecomposeRequest,
  type Decomposition,
  decomposeJob,
  decompositions,
} from './factorisation/decompose.ts';
export {
  type DictionaryMethod,
  type DictionaryRequest,
  dictionaryJob,
  dictionaryMethods,
  type LearnedDictionary,
} from './factorisation/dictionary.ts';
export { askedOf, type Control, type FormValues, formOf, valuesOf } from './form.ts';
export { clip, count, duration, number, printable } from './format.ts';
export type { FitResult } from './linear-models/result.ts';
export { type Declared, declared, type FormTable, type FormValue, flagOf, given, type Options } from './option.ts';
export { aboutText, defaultText, flagWords, withTables } from './optionsTable.ts';
export { fileOf, type Output } from './output.ts';
export type { JobProgress, JobTools } from './progress.ts';
export { type Contest, OWN_FILE, ownFile, type Race, type Stride } from './race.ts';
export { numbersOf, rowsOf } from './race-data.ts';
export { families, taskOf, tasks } from './registry.ts';
export { chartTools } from './report/chart-tools.ts';
export { html, type PlotAssets, page } from './report/page.ts';
export { sharedSignal } from './sharedSignal.ts';
export { columnDeviations, density } from './stats.ts';
export type { LearnedGraph } from './structure-learning/result.ts';
export { documentOf, type Family, onOneTable, runTask, type Task, type TaskTools } from './task.ts';
export type { View, ViewCell, ViewChart, ViewPicture, ViewTable } from './view.ts';
