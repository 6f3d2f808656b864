/** Thrown by a function of a program that is stopped while it is evaluated. */
export class StoppedEvaluation extends Error {
  constructor(readonly status: 'aborted' | 'time-limit') {
    super('The evaluation was stopped.');
  }
}
