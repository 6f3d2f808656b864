export { type CheckpointStore, type Stage, Stages } from './checkpoints.ts';
export { type AmplCall, amplCall } from './constrained/ampl.ts';
export { type Instance, instanceOf } from './constrained/instance.ts';
export type { ModelRequest } from './constrained/options.ts';
export type { ModelResult } from './constrained/result.ts';
export { pairShown, type Slice, sliceOf } from './constrained/slice.ts';
export { type ModelWords, modelWords } from './constrained/words.ts';
export { withDeadline } from './deadline.ts';
export { fileRuns } from './declaration/byFile.ts';
export {
  familyWords,
  loadFamilies,
  loadLanguage,
  loadModel,
  loadNetworks,
  loadOnnx,
  loadRankRun,
  loadRankRunControls,
  loadStored,
  loadTask,
  wordsRun,
} from './declaration/byWord.ts';
export {
  type AnyRequest,
  type Checked,
  check,
  checkCompany,
  flags,
  keys,
  labels,
  meets,
  type RemedyValue,
  type Spell,
  type Spelling,
  spellOf,
} from './declaration/check.ts';
export type { Columns } from './declaration/columns.ts';
export { commandWords, fileWord, givenFor, optionWords, shellLine, shellWord } from './declaration/command.ts';
export { FORMATS, type Reading, readingOf, readingOptions, TABLE, without } from './declaration/data-options.ts';
export { type Example, exampleOf } from './declaration/example.ts';
export { askedOf, type Control, type FormValues, formOf, valuesOf } from './declaration/form.ts';
export {
  type Input,
  type InputKind,
  type Inputs,
  isFile,
  mainTable,
  reads,
  table,
  whyNotHeld,
} from './declaration/input.ts';
export {
  comesFirst,
  type Declared,
  declared,
  type FormTable,
  type FormValue,
  flagOf,
  given,
  type Kind,
  type Options,
  spelled,
} from './declaration/option.ts';
export { aboutText, briefText, defaultText, flagWords, withTables } from './declaration/optionsTable.ts';
export { fileOf, type Output, offered, outputText } from './declaration/output.ts';
export { type Contest, OWN_FILE, ownFile, type Race, type Stride } from './declaration/race.ts';
export { families, taskOf, tasks } from './declaration/registry.ts';
export {
  type Course,
  type Finish,
  RACE_SECONDS,
  type RaceEnd,
  raceCommand,
  ranked,
  runRace,
  winnerText,
} from './declaration/run-race.ts';
export { withSpelledErrors } from './declaration/spelledErrors.ts';
export {
  documentOf,
  type Family,
  type Forecast,
  heldBy,
  runTask,
  type Task,
  type TaskTools,
} from './declaration/task.ts';
export type { View, ViewTable } from './declaration/view.ts';
export { type Ending, endedText } from './ended.ts';
export { RequestError } from './errors.ts';
export type { LearnedDictionary } from './factorisation/dictionary/result.ts';
export { clip, count, duration, grouped, number, printable, wrap } from './format.ts';
export { labelled, labelsIn } from './labels.ts';
export type { FitResult } from './linear-models/result.ts';
export { type MatrixFacts, matrixFacts, patternOf } from './linear-systems/matrix.ts';
export { factsText } from './linear-systems/view.ts';
export type {
  LayerValues,
  NetworkInput,
  OutputValues,
} from './networks/answer.ts';
export type { NetworkBlock, NetworkDrawing } from './networks/drawing.ts';
export type { NetworkFile } from './networks/files.ts';
export type { LayerView, NetworkAnswered, NetworkView, OpenNetwork, Seen } from './networks/open.ts';
export { PIXELS, type Pixels } from './networks/pixels.ts';
export { bytesText, type NetworkWords, networkWords, remarksOn, shapeText } from './networks/words.ts';
export type { JobHost, JobProgress, JobTools, RowBlocks, RowSink } from './progress.ts';
export { RECORDING_COMMAND } from './rank-runs/recordingCommand.ts';
export { html, page } from './report/page.ts';
export {
  countedNotes,
  joinedScores,
  modelIn,
  type Predictions,
  type SavedModel,
  type SavedModels,
  type Score,
} from './saved-model.ts';
export { blocksHere, onlyBlock } from './saved-models/blocks.ts';
export { gathered, gatherOf, sameVersion } from './spread/gather.ts';
export { gatheredTable } from './spread/gatherTable.ts';
export { RankMail } from './spread/rankMail.ts';
export { type JobRanks, jobRanks, NotNeeded, type RankPlan, sentSoFar } from './spread/ranks.ts';
export { sharedSignal } from './spread/sharedSignal.ts';
export { columnDeviations, density, moments } from './stats.ts';
export type { LearnedGraph } from './structure-learning/result.ts';
export type { LanguageFacts, LanguageFiles } from './training/text/language.ts';
