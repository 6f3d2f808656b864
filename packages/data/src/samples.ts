/**
 * Small files of other kinds than the bundled sets: measured data that experiments use too, and files made by
 * scripts/samples.mjs. Programs that read files know them by their names, as `bundled:<name>`. Bundlers recognise only
 * literal URLs.
 */
const FILES: Readonly<Record<string, () => URL>> = {
  dust: () => new URL('../sets/beijing-dust.csv.gz', import.meta.url),
  novel: () => new URL('../sets/pride-and-prejudice.txt.gz', import.meta.url),
  poisson: () => new URL('../sets/poisson.mtx.gz', import.meta.url),
  load: () => new URL('../sets/load.csv.gz', import.meta.url),
  'room-1': () => new URL('../sets/room-1.ply.gz', import.meta.url),
  'room-2': () => new URL('../sets/room-2.ply.gz', import.meta.url),
  spectra: () => new URL('../sets/spectra.npy.gz', import.meta.url),
  potential: () => new URL('../sets/potential.npy.gz', import.meta.url),
  plays: () => new URL('../sets/plays.csv.gz', import.meta.url),
  survey: () => new URL('../sets/survey.csv.gz', import.meta.url),
  blotto: () => new URL('../sets/blotto.csv.gz', import.meta.url),
  network: () => new URL('../sets/network.csv.gz', import.meta.url),
  delays: () => new URL('../sets/delays.csv.gz', import.meta.url),
  norms: () => new URL('../sets/norms.csv.gz', import.meta.url),
  'workshop.lp': () => new URL('../sets/workshop.lp.gz', import.meta.url),
  'canteen.lp': () => new URL('../sets/canteen.lp.gz', import.meta.url),
  'digits.onnx': () => new URL('../sets/digits.onnx.gz', import.meta.url),
  'chain.nl': () => new URL('../sets/chain.nl.gz', import.meta.url),
};
const ENDS: Readonly<Record<string, string>> = {
  novel: 'txt',
  poisson: 'mtx',
  'room-1': 'ply',
  'room-2': 'ply',
  spectra: 'npy',
  potential: 'npy',
};

/** Names of the samples. */
export const sampleNames: readonly string[] = Object.keys(FILES);

/** URL of the file of a sample, undefined if there is none of that name. */
export function sampleUrl(input: string): URL | undefined {
  const name = input.replace(/^bundled:/, '');
  return Object.hasOwn(FILES, name) ? FILES[name]() : undefined;
}

/** The name of the file of a bundled set or sample: its extension says what it is. */
export const fileNameOf = (name: string): string =>
  name.includes('.') ? `${name}.gz` : `${name}.${ENDS[name] ?? 'csv'}.gz`;
