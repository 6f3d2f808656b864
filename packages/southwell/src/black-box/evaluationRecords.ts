import { choiceOption, limitOption, numberOption } from '@southwell/numerics/core';

export const evaluationRecords = {
  /**
   * What to do when f throws: end with status `failed`, the best point so far and an `error` with code OBJECTIVE whose cause
   * is what was thrown (default), or skip the point, which counts as the worst. An exception before there is any value is
   * always thrown.
   */
  onError: choiceOption(
    { stop: 'stop', skip: 'skip the point' },
    {
      title: 'Failures',
      about: 'what to do when an evaluation fails: end the search or skip the point',
      argument: 'action',
      default: 'stop',
    },
  ),
};

export const asyncRecords = {
  /** Maximum number of concurrent evaluations. Default 1. Unless `asynchronous`, the result does not depend on it. */
  jobs: limitOption(1, {
    title: 'Jobs',
    about: 'parallel evaluations on each rank; without {asynchronous} the result does not depend on it',
    default: 1,
  }),
  /**
   * Seconds for one evaluation: after that its signal is aborted and it counts as failed, see `onError`. Not for
   * functions that block. Default: none.
   */
  evaluationLimit: numberOption(
    { min: 0, open: true },
    {
      title: 'Evaluation time limit',
      about: 'an evaluation that takes longer counts as failed ({onError})',
      argument: 'seconds',
    },
  ),
};
