import type { JobTools } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';

type Job = (request: never, tools: JobTools) => Promise<unknown>;

/** The jobs that run beside the main thread, by name; each is loaded on demand. */
const jobs: Readonly<Record<string, () => Promise<Job>>> = {
  task: async () => (await import('./task-job.ts')).taskJob,
  inspect: async () => (await import('./inspect-job.ts')).inspectJob,
  network: async () => (await import('./network-job.ts')).networkJob,
  race: async () => (await import('./race-job.ts')).raceJob,
};

/** The job of a request. */
export const jobOf = async <T>({ job }: JobRequest) =>
  (await jobs[job]()) as (request: JobRequest, tools: JobTools) => Promise<T>;
