import { sameAddress } from './address.ts';
import { isObject, readJson } from './files.ts';

/**
 * The state of the digest: an append-only log of all items, and the position of each recipient in it. A mail contains
 * the items from there to the end. So nothing is mailed twice, and recipients whom a mail did not reach get its items
 * with the next one, even if these could not be found again.
 */

export type Kind = 'paper' | 'verdict' | 'field';

export interface Item {
  /** Unique in the log: `paper:1`, `verdict:<result id>`, `field:<arXiv id>`. */
  readonly key: string;
  readonly kind: Kind;
  readonly date: string;
  readonly title: string;
  readonly lines: readonly string[];
  /** A URL, or a path of the workbench. */
  readonly link: string;
  /** The family of the paper, or of the most similar paper of the catalogue. */
  readonly family?: string;
}

export interface Progress {
  /** Number of items of the log that this recipient has received or does not need. */
  readonly upTo: number;
  /** Until the first mail is accepted: of the items before index `before`, only those since the date `since`. */
  readonly first?: { readonly before: number; readonly since: string };
  /** Number of permanent rejections by the recipient's server since it last accepted a mail. */
  readonly refused?: number;
}

export interface DigestState {
  readonly version: 1;
  readonly items: readonly Item[];
  /** Papers of the field that were considered, chosen or not, newest last. */
  readonly looked: readonly string[];
  readonly recipients: Readonly<Record<string, Progress>>;
}

export const emptyState: DigestState = { version: 1, items: [], looked: [], recipients: {} };

/** Throws a sentence if the file is damaged; an empty state if there is none. */
export const readState = (path: string): DigestState => readJson(path, isState) ?? emptyState;

export const progressOf = (state: DigestState, address: string): Progress | undefined =>
  Object.hasOwn(state.recipients, sameAddress(address)) ? state.recipients[sameAddress(address)] : undefined;

export const withProgress = (state: DigestState, address: string, progress: Progress): DigestState => ({
  ...state,
  recipients: { ...state.recipients, [sameAddress(address)]: progress },
});

/** Appends the items that the log does not contain yet. */
export function withItems(state: DigestState, found: readonly Item[]): DigestState {
  const known = new Set(state.items.map((item) => item.key));
  return { ...state, items: [...state.items, ...found.filter((item) => !known.has(item.key))] };
}

/** The items that a recipient has not received, in the order of the log. */
export function pendingOf(state: DigestState, { upTo, first }: Progress): Item[] {
  return state.items.filter((item, i) => i >= upTo && (!first || i >= first.before || item.date >= first.since));
}

function isState(value: unknown): value is DigestState {
  const strings = (list: unknown) => Array.isArray(list) && list.every((s) => typeof s === 'string');
  return (
    isObject(value) &&
    value.version === 1 &&
    strings(value.looked) &&
    Array.isArray(value.items) &&
    value.items.every(
      (item) =>
        isObject(item) &&
        ['paper', 'verdict', 'field'].includes(item.kind as string) &&
        [item.key, item.date, item.title, item.link].every((s) => typeof s === 'string') &&
        strings(item.lines) &&
        ['string', 'undefined'].includes(typeof item.family),
    ) &&
    isObject(value.recipients) &&
    Object.values(value.recipients).every((p) => isObject(p) && Number.isSafeInteger(p.upTo))
  );
}
