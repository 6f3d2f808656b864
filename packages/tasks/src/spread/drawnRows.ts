import { Random } from '@southwell/numerics/core';

/** A stratified random sample: rows at even steps of a random order within each stratum; ascending. */
export function drawnRows(strata: Float64Array, share: number, seed: number): number[] {
  const n = strata.length;
  const wanted = Math.round(share * n);
  const places = new Map([...new Set(strata)].map((stratum, k) => [stratum, k]));
  const order = Array.from(new Random(seed).permutation(n)).sort(
    (a, b) => places.get(strata[a])! - places.get(strata[b])!,
  );
  const held = order.filter((_, k) => Math.floor(((k + 1) * wanted) / n) > Math.floor((k * wanted) / n));
  const left = new Map<number, number>();
  for (const stratum of strata) left.set(stratum, (left.get(stratum) ?? 0) + 1);
  for (const i of held) left.set(strata[i], left.get(strata[i])! - 1);
  return held
    .filter((i) => {
      if (left.get(strata[i])! > 0 || places.size < 2) return true;
      left.set(strata[i], 1);
      return false;
    })
    .sort((a, b) => a - b);
}
