import type { JobTools } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';

type Job = (request: never, tools: JobTools) => Promise<unknown>;

/** What is done beside the main thread, by name; each is loaded where it is asked for. */
const jobs: Readonly<Record<string, () => Promise<Job>>> = {
  task: async () => (await import('./task-job.ts')).taskJob,
  inspect: async () => (await import('./inspect-job.ts')).inspectJob,
  race: async () => (await import('./race-job.ts')).raceJob,
};

/** The job that a request asks for. */
export const jobOf = async <T>({ job }: JobRequest) =>
  (await jobs[job]()) as (request: JobRequest, tools: JobTools) => Promise<T>;
