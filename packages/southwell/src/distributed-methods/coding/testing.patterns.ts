import { sequentialCode } from './sequentialCode.ts';

/** B and W of codes of which all patterns can be followed. */
export const bursts = [
  [1, 2],
  [1, 3],
  [2, 3],
  [1, 4],
] as const;

/**
 * Follows all sequences of T + 1 rounds up to a renumbering of the workers, which M-SGC does not tell apart: of the workers that have straggled in
 * the same rounds so far, only their number that straggle next matters. More rounds need not be followed: a job knows only the T + 1 rounds that it is open
 * for, and stragglers before them only leave fewer sequences. Admission is compared with the model, written out. Returns the number of sequences.
 */
export function everyPatternUpToOrder(n: number, B: number, W: number, lambda: number): number {
  const code = sequentialCode({ kind: 'm-sgc', n, B, W, lambda });
  const length = code.delay + 1;
  const wanted = (path: readonly Uint8Array[]) => {
    const last = path.slice(-W);
    const slow = Array.from({ length: n }, (_, i) => last.flatMap((mask, r) => (mask[i] ? [r] : [])));
    return (
      slow.filter((own) => own.length > 0).length <= lambda &&
      slow.every((own) => own.length === 0 || !own.includes(last.length - 1) || last.length - own[0] <= B)
    );
  };
  let sequences = 0;
  const follow = (path: readonly Uint8Array[]) => {
    const rounds = code.rounds(1);
    const when = path.flatMap((mask, r) => rounds.end(mask).map(() => r + 1));
    if (path.length === length) {
      sequences++;
      if (when.length !== 1) throw new Error(`not decoded: ${JSON.stringify([n, B, W, lambda, path])}`);
      return;
    }
    const groups = new Map<string, number[]>();
    for (let i = 0; i < n; i++) {
      const history = path.map((mask) => mask[i]).join('');
      groups.set(history, [...(groups.get(history) ?? []), i]);
    }
    let masks = [new Uint8Array(n)];
    for (const group of groups.values()) {
      masks = masks.flatMap((mask) =>
        Array.from({ length: group.length + 1 }, (_, count) => {
          const next = mask.slice();
          for (const i of group.slice(0, count)) next[i] = 1;
          return next;
        }),
      );
    }
    for (const mask of masks) {
      const admitted = rounds.admits(mask);
      if (admitted !== wanted([...path, mask])) throw new Error(`admission of ${JSON.stringify([...path, mask])}`);
      if (admitted) follow([...path, mask]);
    }
  };
  follow([]);
  return sequences;
}
