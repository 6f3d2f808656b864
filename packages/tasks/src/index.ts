export { familyWords, loadFamilies, loadTask } from './byWord.ts';
export { type AnyRequest, type Checked, check, checkCompany, flags, keys, labels, type Spelling } from './check.ts';
export { type CheckpointStore, type Stage, Stages } from './checkpoints.ts';
export type { Columns } from './columns.ts';
export { commandWords, fileWord, givenFor, optionWords, shellLine, shellWord } from './command.ts';
export { FORMATS, type Reading, readingOf, readingOptions, TABLE, without } from './data-options.ts';
export { type Ending, endedText } from './ended.ts';
export { RequestError } from './errors.ts';
export type { LearnedDictionary } from './factorisation/dictionary/result.ts';
export { askedOf, type Control, type FormValues, formOf, valuesOf } from './form.ts';
export { clip, count, duration, grouped, number, printable, wrap } from './format.ts';
export { gathered, gatherOf, sameVersion } from './gather.ts';
export { gatheredTable } from './gatherTable.ts';
export { labelled, labelsIn } from './labels.ts';
export type { FitResult } from './linear-models/result.ts';
export { type MatrixFacts, matrixFacts, patternOf } from './linear-systems/matrix.ts';
export { factsText } from './linear-systems/view.ts';
export {
  type Declared,
  declared,
  type FormTable,
  type FormValue,
  flagOf,
  given,
  type Kind,
  type Options,
  spelled,
} from './option.ts';
export { aboutText, defaultText, flagWords, withTables } from './optionsTable.ts';
export { fileOf, type Output, offered, outputText } from './output.ts';
export type { JobHost, JobProgress, JobTools } from './progress.ts';
export { type Contest, OWN_FILE, ownFile, type Race, type Stride } from './race.ts';
export { RankMail } from './rankMail.ts';
export { type JobRanks, jobRanks, type RankPlan, sentSoFar } from './ranks.ts';
export { families, taskOf, tasks } from './registry.ts';
export { chartTools } from './report/chart-tools.ts';
export { html, type PlotAssets, page } from './report/page.ts';
export {
  type Course,
  type Finish,
  RACE_SECONDS,
  type RaceEnd,
  raceCommand,
  ranked,
  runRace,
  winnerText,
} from './run-race.ts';
export { type Sampling, samplingOptions } from './sampling.ts';
export {
  countedNotes,
  joinedScores,
  modelIn,
  type Predictions,
  type SavedModel,
  type SavedModels,
  type Score,
} from './saved-model.ts';
export { sharedSignal } from './sharedSignal.ts';
export { withSpelledErrors } from './spelledErrors.ts';
export { columnDeviations, density, moments } from './stats.ts';
export type { LearnedGraph } from './structure-learning/result.ts';
export { documentOf, type Family, heldBy, onOneTable, reads, runTask, type Task, type TaskTools } from './task.ts';
export type { View, ViewChart, ViewTable } from './view.ts';
