import type { Place } from '../ranks/ranks.ts';
import { aside } from './aside.ts';
import type { Carrier } from './carrier.ts';

/** The carrier of a job for a rank, or without ranks. */
export async function carrierAt(place: Place | undefined): Promise<Carrier> {
  const beside = aside();
  if (beside && !place) return (await import('./here.ts')).here(beside);
  if (place?.kind === 'threads') return (await import('./threads.ts')).onThreads(place);
  return (await import('./worker.ts')).inWorker(place);
}
