import { cards, keptCurves, keptPictures, type Size } from '@southwell/papers';
import type { RunResult } from '@southwell/papers/node';
import { ask, hasApi } from './host.ts';
import type { ExperimentResult } from './kept.ts';
import { parsed } from './parsed.ts';
import { get, remove, set } from './storage.ts';

/** A run with an address: of the server's store, or of this browser. */
export type StoredRun = Omit<RunResult, 'versions' | 'machine'> & Partial<Pick<RunResult, 'versions' | 'machine'>>;
/** What a list of runs needs. */
export type RunHead = Omit<StoredRun, 'curves' | 'pictures' | 'tables'>;

/** Runs of this browser have ids that begin with this, and no result of a store has. */
const HERE = 'here-';
/** Maximum number of runs that are kept in this browser; the oldest are forgotten. */
const MOST = 60;
const INDEX = 'runs';
const keyOf = (id: string) => `runs/${id}`;

export const isOwn = ({ id }: Pick<RunHead, 'id'>): boolean => id.startsWith(HERE);

/** The runs of this browser, newest first. */
export const ownRuns = async (): Promise<readonly RunHead[]> => (await get<readonly RunHead[]>(INDEX)) ?? [];

interface Told {
  readonly paper: number;
  readonly size: Size;
  readonly seed: number;
  readonly set: Readonly<Record<string, number>>;
  readonly status: RunResult['status'];
  readonly date: string;
}

/** Keeps a result in this browser, so that it has a page. */
export async function archive({ id: experiment, state, seconds = 0 }: ExperimentResult, told: Told): Promise<void> {
  const { slug } = cards[told.paper - 1];
  const stamp = told.date.replaceAll(/[-:]|\.\d+/g, '');
  const head: RunHead = {
    id: `${HERE}${stamp}-${slug.slice(0, 2)}-${experiment}-${told.size}-${told.seed}`,
    date: told.date,
    paper: told.paper,
    slug,
    experiment,
    size: told.size,
    seed: told.seed,
    set: { ...told.set },
    seconds,
    status: told.status,
    verdicts: state.verdicts,
    machine: {
      cpu: 'this browser',
      cores: navigator.hardwareConcurrency,
      memoryGB: 0,
      platform: navigator.platform,
    },
  };
  const run: StoredRun = { ...head, tables: state.tables, curves: keptCurves(state), pictures: keptPictures(state) };
  await set(keyOf(run.id), run);
  const all = [head, ...(await ownRuns()).filter((r) => r.id !== head.id)];
  for (const old of all.slice(MOST)) await remove(keyOf(old.id));
  await set(INDEX, all.slice(0, MOST));
}

/** A run by its id; undefined if there is none. */
export async function storedRun(id: string): Promise<StoredRun | undefined> {
  if (id.startsWith(HERE)) return get<StoredRun>(keyOf(id));
  const answer = await ask<object>(`/api/results/${encodeURIComponent(id)}`);
  return answer && (parsed(answer) as StoredRun);
}

/** The address of a run's page. A static host has no page for each id. */
export function runAddress(id: string, other?: string): string {
  const query = new URLSearchParams({ ...(!hasApi && { id }), ...(other && { with: other }) }).toString();
  return `/runs${hasApi ? `/${encodeURIComponent(id)}` : ''}${query && `?${query}`}`;
}
