/** Does a job as one of several threads, a rank each. */
export { asThread as default } from './carriers/thread.ts';
