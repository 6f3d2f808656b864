import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import type { Format } from '../table.ts';
import type { Company } from './company.ts';

/** Properties of the input as seen by a rank, as plain data. */
export interface Seen {
  readonly name: string;
  readonly size?: number;
  readonly changed?: number;
  readonly format: Format;
}

/** Opens the input on every rank; it must not change from then on. Returns what each rank found. */
export async function openOnAll(
  company: Company,
  given: () => Source,
  open: (raw: Source) => Promise<{ readonly format: Format }>,
): Promise<Seen[]> {
  return company.agree(async () => {
    const raw = given();
    const stamp = raw.stamp?.();
    company.unchanged = () => {
      const now = raw.stamp?.();
      if (now?.size === stamp?.size && now?.changed === stamp?.changed) return;
      fail('FILE', `${raw.name} was changed while it was read: try again when it is complete.`);
    };
    const { format } = await open(raw);
    return { name: raw.name, size: raw.size, changed: secondOf(stamp?.changed), format };
  }, true);
}

/** @throws FILE if the ranks see different files. */
export function checkSame(seen: readonly Seen[]): void {
  const [first] = seen;
  seen.forEach((other, r) => {
    if (other.size !== first.size) {
      fail(
        'FILE',
        `${first.name} is not the same file on all ranks: it has ${first.size} bytes on rank 0 and ${other.size} on rank ${r}.`,
      );
    }
    if (other.changed !== first.changed) {
      fail(
        'FILE',
        `${first.name} is not the same file on all ranks: its modification time on rank ${r} differs from that on rank 0.`,
      );
    }
  });
}

/** Copies on different machines may preserve times only to the second. */
const secondOf = (changed: number | undefined) => changed && Math.floor(changed / 1000);
