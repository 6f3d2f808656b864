export type { Client, Clients } from './clients.ts';
export {
  type CompressedSgdOptions,
  type CompressedSgdState,
  compressedSgd,
  compressedSgdProgram,
  type Schedule,
} from './compressedSgd.ts';
export { type FeedbackMethod, type FeedbackOptions, feedbackRecords } from './methods.ts';
export {
  type FeedbackClient,
  type FeedbackServer,
  feedbackClient,
  feedbackClientStep,
  feedbackDirection,
  feedbackServer,
  feedbackServerStep,
  type WholeOrEntries,
} from './steps.ts';
