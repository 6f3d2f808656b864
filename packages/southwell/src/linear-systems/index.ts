export {
  SequenceTuner,
  type TunerKind,
  type TunerOptions,
  type TunerSummary,
  tuneAcrossSequence,
} from './tuning/tuner.ts';
