import type { Parameters } from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { fingerprint } from '@southwell/numerics/core';
import { runAsync } from 'southwell';
import {
  type CompressedNetwork,
  type CompressionMethod,
  type CompressionMethodName,
  type CompressState,
  compressionMethods,
  compressNetwork,
  compressNetworkIterates,
} from 'southwell/compression';
import { type Stage, Stages } from '../checkpoints.ts';
import { nameOf, spelled } from '../declaration/option.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { bytesText } from '../networks/words.ts';
import type { ModelNetwork, NetworkBatch, SavedModel } from '../saved-model.ts';
import { callTimes } from './callTimes.ts';
import { drawnOf } from './drawn.ts';
import { icbsMasks } from './icbs.ts';
import { inputsOf, judgesOf, type Material, materialOf, sizeOf } from './material.ts';
import { type CompressRequest, compressOptions } from './options.ts';
import { outputsFor, type Quality, qualityOf } from './quality.ts';
import type { CompressResult } from './result.ts';
import { bytesIn, gzipped, packedNetwork } from './variants.ts';

/** The settings of a request that the library reads. */
function settingsOf(request: CompressRequest) {
  const { method, density, pattern, bits, groups, blockSize, steps, reconstruct, inputs, seed } = request;
  return { method, density, pattern, bits, groups, blockSize, steps, reconstruct, inputs, seed };
}

/** What of a request cannot do without data. */
function needing({ method, reconstruct }: CompressRequest, { spell }: TaskTools): string | undefined {
  if (reconstruct) return spell('reconstruct');
  const { moments }: CompressionMethod = compressionMethods[method];
  return moments === 'none' ? undefined : `${spell('method')} ${method}`;
}

/** Whether a name is among some, in which * stands for anything. */
function among(patterns: readonly string[]): (name: string) => boolean {
  const all = patterns.map((text) => new RegExp(`^${text.split('*').map(escaped).join('.*')}$`));
  return (name) => all.some((pattern) => pattern.test(name));
}
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The network as the library takes it. */
const libraryNetwork = (network: ModelNetwork) => ({
  parameters: network.parameters,
  apply: (parameters: Parameters, { inputs }: NetworkBatch) => network.apply(parameters, inputs),
});

/** What the layers may take, of a budget for the whole file. */
function budgetOf(
  network: ModelNetwork,
  request: CompressRequest,
  keep: (name: string) => boolean,
  tools: TaskTools,
): number | undefined {
  if (request.budget === undefined) return undefined;
  const bytes = bytesIn(request.budget);
  if (bytes === undefined)
    throw new RequestError(`${tools.spell('budget')} takes a size such as 2MB or 500kB, not '${request.budget}'.`);
  // Names, shapes and the architecture take about as much whatever the weights become.
  const { point } = compressNetwork(libraryNetwork(network), [network.example()], { method: 'int8', keep });
  const { file, memory } = packedNetwork(network, point);
  return Math.max(1, bytes - (file.length - memory) - NAMES * point.layers.length);
}
/** Bytes by which the names of a layer's arrays may be longer than those of eight bits. */
const NAMES = 256;

/** Compresses a network and measures what was lost. Throws for invalid requests or data; a stopped run returns the layers that are done. */
export async function compressJob(request: CompressRequest, tools: TaskTools): Promise<CompressResult> {
  try {
    return await compressed(request, tools);
  } catch (error) {
    if (error instanceof RequestError) throw new RequestError(spelled(error.message, compressOptions, tools.spell));
    throw error;
  }
}

async function compressed(request: CompressRequest, tools: TaskTools): Promise<CompressResult> {
  const started = performance.now();
  const saved = await tools.model!('model');
  const model = nameOf(request.model);
  const { network } = saved;
  if (!network) throw new RequestError(`${model} is not a network, so that there are no layers to compress.`);
  const { method } = request;
  const material = await materialOf(saved, network, request, needing(request, tools), tools);
  const { calibration, judges } = material;
  const settings = settingsOf(request);
  const names = Object.keys(network.parameters);
  const keep = among(request.keep ?? []);
  const stray = (request.keep ?? []).find((text) => !names.some(among([text])));
  if (stray !== undefined)
    throw new RequestError(
      `${tools.spell('keep')} names '${stray}', which no parameter has: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`,
    );
  const budget = budgetOf(network, request, keep, tools);
  const print = tools.checkpoint
    ? fingerprint(...[...Object.values(network.parameters), ...inputsOf(calibration)].map((t) => t.data()), {
        ...settings,
        keep: request.keep,
        budget,
        labels: calibration.map(({ labels }) => labels),
      })
    : '';
  const stages = new Stages('compress', print, tools.checkpoint);
  const library = libraryNetwork(network);
  const judge = judgesOf(material);
  const pruned = method === 'icbs' ? await icbsMasks(network, calibration, request, keep, stages, tools) : undefined;
  const masks = pruned?.masks;
  const cut = pruned?.completed === false;
  // Masks that were stopped are packed all the same, and what is packed of them is not what a later run goes on with.
  const { resume, ...keeping }: Stage<CompressState> = cut ? {} : stages.stage<CompressState>('layers');
  const iterates = compressNetworkIterates(library, calibration, { ...settings, judge, keep, budget, masks, resume });
  const solution = await runAsync(iterates, {
    ...(cut ? {} : { timeLimit: leftOf(request.timeLimit, pruned?.seconds), signal: tools.signal }),
    ...keeping,
    onIterate: ({ metrics }) => {
      const [done, total] = [metrics?.done ?? 0, metrics?.layers ?? 0];
      tools.progress({ text: `compressing: ${Math.floor(done)} of ${count(total, 'layer')}`, done, total });
    },
  });
  const { point } = solution;
  const packed = packedNetwork(network, point);
  const original = writeSafetensors(network.stored(network.parameters, new Set()));
  const variants = await variantsOf(
    network,
    request,
    { material, point, file: packed.file, original, keep, masks },
    tools,
  );
  const { memory, file } = packed;
  const status = cut ? pruned.status : solution.status;
  const stopped = solution.status !== 'completed';
  const denseMemory = Object.values(network.parameters).reduce((sum, t) => sum + 4 * t.size, 0);
  return {
    status,
    ...{ command: tools.command, model, method },
    ...(material.data === undefined ? {} : { data: material.data }),
    calibrated: material.data === undefined ? 0 : sizeOf(calibration),
    judged: sizeOf(judges),
    bytes: {
      ...{ original: original.length, file: file.length, memory, denseMemory },
      ...{ gzip: await gzipped(file), originalGzip: await gzipped(original) },
    },
    call: tools.signal.aborted ? undefined : callTimes(network, packed.stored),
    variants,
    layers: point.layers.map(({ name, outputs, inputs, use, error }) => ({
      ...{ name, outputs, inputs, use, error, original: 4 * outputs * inputs, bytes: packed.bytes.get(name)! },
    })),
    kept: point.kept.map(({ layer, why }) => ({ name: layer.name, why })),
    ...continuedOf(saved, network, point),
    notes: [
      ...material.notes,
      ...(pruned?.notes ?? []),
      ...tablesWithZeros(point, tools.spell('keep')),
      ...(stopped ? ['Layers that were not reached are as they were.'] : []),
      ...(file.length >= original.length ? ['The file is not smaller than the original.'] : []),
      ...(request.budget !== undefined && file.length > bytesIn(request.budget)!
        ? [`The file has ${bytesText(file.length)}, more than the budget.`]
        : []),
    ],
    seconds: (performance.now() - started) / 1000,
    file,
    expanded: writeSafetensors(packed.expanded),
    ...(tools.pictures ? drawnOf(point) : {}),
  };
}

/** Notes on tables of embeddings in which zeros were chosen for their use in products. */
const tablesWithZeros = ({ layers }: CompressedNetwork, keep: string): string[] =>
  layers
    .filter(({ lookedUp, weights }) => lookedUp && (weights.kind === 'pruned' || weights.kind === 'factored'))
    .map(
      ({ name }) =>
        `${name} is also a table of embeddings, but its zeros were chosen for products alone: ${keep} ${name} leaves it as it is.`,
    );

/** What is left of a time limit. */
const leftOf = (limit: number | undefined, used = 0): number | undefined =>
  limit === undefined ? undefined : Math.max(1e-3, limit - used);

/** The original, the result, and what it is compared with: eight bits, and the method with or without reconstruction. */
async function variantsOf(
  network: ModelNetwork,
  request: CompressRequest,
  given: {
    readonly material: Material;
    readonly point: CompressedNetwork;
    readonly file: Uint8Array;
    readonly original: Uint8Array;
    readonly keep: (name: string) => boolean;
    readonly masks: Readonly<Record<string, Uint8Array>> | undefined;
  },
  tools: TaskTools,
): Promise<CompressResult['variants']> {
  const { method, reconstruct } = request;
  const { calibration } = given.material;
  const rows = judgesOf(given.material);
  const measured = given.material.data !== undefined;
  const dense = measured ? outputsFor(network, network.parameters, rows) : [];
  const quality = (parameters: Parameters): { quality?: Quality } =>
    measured ? { quality: qualityOf(network.gives, dense, outputsFor(network, parameters, rows), rows) } : {};
  const title = (name: CompressionMethodName, again: boolean): string => (again ? `${name}*` : name);
  const variants = [
    { method: 'original', bytes: given.original.length, ...quality(network.parameters) },
    { method: title(method, reconstruct), bytes: given.file.length, ...quality(given.point.parameters) },
  ];
  if (!request.compare) return variants;
  const others: Array<readonly [CompressionMethodName, boolean]> = [
    ...(method === 'int8' ? [] : [['int8', false] as const]),
    ...(measured && request.budget === undefined ? [[method, !reconstruct] as const] : []),
  ];
  for (const [name, again] of others) {
    if (tools.signal.aborted) break;
    const settings = name === method ? { ...settingsOf(request), masks: given.masks } : { seed: request.seed };
    const { point } = await runAsync(
      compressNetworkIterates(libraryNetwork(network), calibration, {
        ...{ ...settings, method: name, reconstruct: again, keep: given.keep, inputs: request.inputs },
      }),
      {
        signal: tools.signal,
        onIterate: ({ metrics }) =>
          tools.progress({ text: `comparing with ${title(name, again)}`, done: metrics?.done, total: metrics?.layers }),
      },
    );
    if (tools.signal.aborted) break;
    const { file } = packedNetwork(network, point);
    variants.push({ method: title(name, again), bytes: file.length, ...quality(point.parameters) });
  }
  return variants;
}

/** Tokens of the continuations that are shown. */
const SHOWN = 48;

/** How the original and the compressed model continue a text. */
function continuedOf(
  saved: SavedModel,
  network: ModelNetwork,
  { parameters }: CompressedNetwork,
): Pick<CompressResult, 'continued'> {
  if (network.gives !== 'tokens') return {};
  const how = { length: SHOWN, temperature: 0, seed: 0 };
  const text = (model: SavedModel): string => [...model.writes!(how)].join('');
  try {
    return { continued: { original: text(saved), compressed: text(network.with(parameters)) } };
  } catch (error) {
    // Without a tokeniser there is no text.
    if (error instanceof RequestError) return {};
    throw error;
  }
}
