/** Runs a job as one of several threads, each of which is a rank. */
export { asThread as default } from './carriers/thread.ts';
