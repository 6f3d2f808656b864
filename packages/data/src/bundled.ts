import { fail, nearestName } from '@southwell/numerics/core';
import { readTable } from './read-table.ts';
import { fileNameOf, sampleNames, sampleUrl } from './samples.ts';
import type { ReadOptions, Table } from './table.ts';
import { readSafetensors, type Safetensors } from './tensors/safetensors.ts';

export interface BundledSet {
  readonly name: string;
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  readonly target: string;
  readonly task: 'classification' | 'regression';
  readonly licence: string;
  readonly attribution: string;
}

const SETS: readonly BundledSet[] = [
  {
    name: 'spambase',
    title: 'Spambase: e-mails by word and character frequencies, spam or not',
    rows: 4601,
    columns: 58,
    target: 'class',
    task: 'classification',
    licence: 'CC BY 4.0',
    attribution:
      'Hopkins, Reeber, Forman, Suermondt (1999), Spambase, UCI Machine Learning Repository, https://doi.org/10.24432/C53G6Z',
  },
  {
    name: 'diabetes',
    title: 'Diabetes: ten measurements of 442 patients and the progress of the disease, raw values',
    rows: 442,
    columns: 11,
    target: 'y',
    task: 'regression',
    licence: 'BSD-3-Clause, as part of scikit-learn',
    attribution:
      'Efron, Hastie, Johnstone, Tibshirani (2004), Least Angle Regression, Annals of Statistics 32(2), 407-499',
  },
  {
    name: 'digits',
    title: 'Digits: handwritten digits as 8 × 8 images',
    rows: 1797,
    columns: 65,
    target: 'digit',
    task: 'classification',
    licence: 'CC BY 4.0',
    attribution:
      'Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49',
  },
];

/** The data sets bundled with this package. */
export function bundledSets(): readonly BundledSet[] {
  return SETS;
}

/**
 * The bundled set of the given name, optionally written `bundled:name`.
 * @throws INVALID_PARAMETER, suggesting the nearest name.
 */
export function bundledSet(name: string): BundledSet {
  const wanted = name.replace(/^bundled:/, '');
  const set = SETS.find((candidate) => candidate.name === wanted);
  if (set) return set;
  const names = [...SETS.map((candidate) => candidate.name), ...sampleNames];
  const near = nearestName(wanted, names);
  fail(
    'INVALID_PARAMETER',
    `There is no bundled set '${wanted}'${near ? `; did you mean '${near}'?` : `; there are ${names.join(', ')}.`}`,
  );
}

/**
 * URL of the file of a set, which lies beside this module, both in Node (file:) and behind a bundler (a served asset).
 */
export function bundledUrl(name: string): URL {
  const set = bundledSet(name);
  // Bundlers recognise only literal URLs.
  switch (set.name) {
    case 'spambase':
      return new URL('../sets/spambase.csv.gz', import.meta.url);
    case 'diabetes':
      return new URL('../sets/diabetes.csv.gz', import.meta.url);
    default:
      return new URL('../sets/digits.csv.gz', import.meta.url);
  }
}

/**
 * The table of a bundled set or sample, in a browser, a worker or Node, so that an experiment runs in all of them.
 * @throws INVALID_PARAMETER if there is none of that name, suggesting the nearest; FILE if it cannot be fetched.
 */
export async function loadBundled(input: string, options: ReadOptions = {}): Promise<Table> {
  const sample = sampleUrl(input);
  const name = sample ? input.replace(/^bundled:/, '') : bundledSet(input).name;
  return readTable(await bytesOf(sample ?? bundledUrl(name), name), { ...options, name: fileNameOf(name) });
}

/**
 * Images of equal size, stored one after the other in row-major order with one byte per pixel, and the class of each.
 */
export interface BundledImages {
  readonly rows: number;
  readonly columns: number;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/**
 * The first 10 000 images of the MNIST training set, sorted by class, 28 × 28, from 0 (black) to 255 (white); 1.5 MB.
 */
export async function loadBundledMnist(): Promise<BundledImages> {
  const [images, labels] = await Promise.all(
    [
      new URL('../sets/mnist-images.idx3.gz', import.meta.url),
      new URL('../sets/mnist-labels.idx1.gz', import.meta.url),
    ].map(async (url) => {
      const unpacked = new Blob([await bytesOf(url, 'mnist')]).stream().pipeThrough(new DecompressionStream('gzip'));
      return new Uint8Array(await new Response(unpacked).arrayBuffer());
    }),
  );
  const header = new DataView(images.buffer);
  return {
    rows: header.getUint32(8),
    columns: header.getUint32(12),
    pixels: images.subarray(16),
    labels: labels.subarray(8),
  };
}

/** The first volume of Jane Austen's Pride and Prejudice (1813), 231 thousand ASCII characters; 85 kB. */
export async function loadBundledText(): Promise<string> {
  const url = new URL('../sets/pride-and-prejudice.txt.gz', import.meta.url);
  const packed = new Blob([await bytesOf(url, 'pride-and-prejudice')]);
  return new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

/**
 * Hourly PM10 concentrations over one year at two stations in Beijing: columns day (from 0), hour, dongsi and dingling;
 * NaN where there is no measurement; 8760 rows, 42 kB.
 */
export async function loadBundledDust(): Promise<Table> {
  const url = new URL('../sets/beijing-dust.csv.gz', import.meta.url);
  return readTable(await bytesOf(url, 'beijing-dust'), { name: 'beijing-dust.csv.gz' });
}

/**
 * The weights f1, f2, f3 and out of a network 2-64-64-64-6 with tanh that predicts a biodiesel reactor: from time and
 * power to the concentrations TG, DG, MG, G, ME and the temperature; single precision, 33 kB.
 */
export async function loadBundledBiodiesel(): Promise<Safetensors> {
  const url = new URL('../sets/biodiesel.safetensors.gz', import.meta.url);
  const packed = new Blob([await bytesOf(url, 'biodiesel')]);
  const unpacked = await new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
  return readSafetensors(new Uint8Array(unpacked));
}

async function bytesOf(url: URL, name: string): Promise<ArrayBuffer | Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:') {
    // Node's fetch does not read files. The module name is a variable, so that bundlers do not resolve it.
    const module = 'node:fs/promises';
    const { readFile } = (await import(/* @vite-ignore */ module)) as typeof import('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) fail('FILE', `The bundled set '${name}' could not be fetched from ${url.pathname}.`);
  return response.arrayBuffer();
}
