/**
 * Small files of other kinds than the bundled sets: measured data that experiments use too, and files made by
 * scripts/samples.mjs. Programs that read files know them by their names, as `bundled:<name>`.
 */
const FILES = {
  dust: 'beijing-dust.csv.gz',
  novel: 'pride-and-prejudice.txt.gz',
  poisson: 'poisson.mtx.gz',
  load: 'load.csv.gz',
  'room-1': 'room-1.ply.gz',
  'room-2': 'room-2.ply.gz',
  spectra: 'spectra.npy.gz',
  potential: 'potential.npy.gz',
  plays: 'plays.csv.gz',
  survey: 'survey.csv.gz',
  norms: 'norms.csv.gz',
} as const;

/** Names of the samples. */
export const sampleNames: readonly string[] = Object.keys(FILES);

/** URL of the file of a sample, undefined if there is none of that name. */
export function sampleUrl(input: string): URL | undefined {
  const name = input.replace(/^bundled:/, '');
  return Object.hasOwn(FILES, name)
    ? new URL(`../sets/${FILES[name as keyof typeof FILES]}`, import.meta.url)
    : undefined;
}
