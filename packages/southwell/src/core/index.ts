export * as elementary from './elementary.ts';
export { type ErrorCode, fail, nearestName, SouthwellError } from './errors.ts';
export {
  type Certificate,
  type Iterate,
  type RunOptions,
  run,
  runAsync,
  type Solution,
  type Status,
  type TraceEntry,
  type Work,
} from './protocol.ts';
export { Random } from './random.ts';
export { answerMessages, openWorker, type WorkerPort } from './workers.ts';
