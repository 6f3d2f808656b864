import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import type { Format } from '../table.ts';
import type { Company } from './company.ts';

/** What a rank sees of the input, as plain data. */
export interface Seen {
  readonly name: string;
  readonly size?: number;
  readonly changed?: number;
  readonly format: Format;
}

/** Opens the input on every rank, where it must not change from then on; what each has found. */
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

/** @throws FILE where ranks see files that differ. */
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
        `${first.name} is not the same file on all ranks: its time of change on rank ${r} is another than on rank 0.`,
      );
    }
  });
}

/** Copies of a file, one on each machine, may know no more of its time. */
const secondOf = (changed: number | undefined) => changed && Math.floor(changed / 1000);
