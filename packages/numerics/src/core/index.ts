export { type Checkpoint, decodeCheckpoint, encodeCheckpoint, fingerprint } from './checkpoint.ts';
export { knownKeys, type OptionKeys, only, wholeNumber } from './checks.ts';
export { type ErrorCode, fail, nearestName, SouthwellError } from './errors.ts';
export type { NumericArray } from './numericArray.ts';
export {
  type AskedNames,
  type Asking,
  askedNames,
  checkGiven,
  checkOption,
  checkOptions,
  choiceOption,
  flagOption,
  integerOption,
  keysOf,
  limitOption,
  numberOption,
  numbersOption,
  type OptionRecord,
  type OptionRecords,
  type OptionsNeeding,
  type OptionsOf,
  otherOption,
  seedOption,
} from './optionRecords.ts';
export { decodePlain, encodePlain } from './plain.ts';
export {
  type Certificate,
  checkpointKeys,
  type Iterate,
  type PreparedProblem,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type SharedSignal,
  type Solution,
  type Work,
} from './protocol.ts';
export { Random } from './random.ts';
export {
  inOnePlace,
  largestOf,
  needsOnePlace,
  onAll,
  ownColumns,
  ownRows,
  type PieceTree,
  rowsAmong,
  type SplitRows,
  type Sums,
  sumOfRows,
  sumOverRows,
  treeSum,
  wholeColumns,
  zerosLike,
} from './splitRows.ts';
export { finished, type Status, stoppedBy, whatNext } from './status.ts';
export type { TraceEntry } from './trace.ts';
export { answerMessages, openWorker, type WorkerPort } from './workers.ts';
