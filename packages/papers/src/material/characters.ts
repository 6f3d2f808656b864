import * as ad from '@southwell/autodiff';
import { loadBundledText } from '@southwell/data';
import type { Random } from 'southwell';

/** Lower-case characters of the novel as whole numbers. */
export interface Characters {
  readonly symbols: readonly string[];
  readonly codes: Int32Array;
  /** Cross-entropy in nats per character of predicting by letter frequency. */
  readonly entropy: number;
}

export async function loadCharacters(): Promise<Characters> {
  const text = (await loadBundledText()).toLowerCase();
  const symbols = [...new Set(text)].sort();
  const places = new Map(symbols.map((symbol, k) => [symbol, k]));
  const codes = Int32Array.from(text, (symbol) => places.get(symbol)!);
  const counts = new Float64Array(symbols.length);
  for (const code of codes) counts[code]++;
  const entropy = -counts.reduce((sum, n) => sum + (n / codes.length) * Math.log(n / codes.length), 0);
  return { symbols, codes, entropy };
}

/** Passages, and for each of their characters the next one. */
export type Batch = readonly [x: ad.Tensor, y: ad.Tensor];

/** An infinite sequence of batches from random positions. */
export function* batches(
  { codes }: Characters,
  { batch, context }: { readonly batch: number; readonly context: number },
  random: Random,
): Generator<Batch, never> {
  for (;;) {
    const starts = Array.from({ length: batch }, () => random.integer(codes.length - context));
    const of = (shift: number) =>
      ad.tensor(
        Int32Array.from({ length: batch * context }, (_, i) => {
          return codes[starts[Math.floor(i / context)] + (i % context) + shift];
        }),
        { shape: [batch, context] },
      );
    yield [of(0), of(1)];
  }
}
