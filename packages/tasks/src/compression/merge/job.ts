import * as ad from '@southwell/autodiff';
import type { Model } from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { fingerprint, type Iterate, SouthwellError, type Status } from '@southwell/numerics/core';
import { runAsync } from 'southwell';
import {
  barrier,
  interpolateModels,
  type Match,
  type MatchStart,
  type MatchState,
  matchWeightsIterates,
  modelDistance,
  type PermutationSpec,
  type Permutations,
  permutationSpec,
  permuteModel,
  restateNorms,
  type StraightState,
} from 'southwell/merging';
import { Stages } from '../../checkpoints.ts';
import { nameOf, spelled } from '../../declaration/option.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import type { ModelNetwork, SavedModel } from '../../saved-model.ts';
import { judgesOf, type Material, materialOf, sizeOf } from '../material.ts';
import { outputsFor, qualityOf } from '../quality.ts';
import { type Examples, examplesOf, inputOf, joined, ofOneLength } from './examples.ts';
import { type MergeRequest, mergeOptions } from './options.ts';
import type { MergeResult } from './result.ts';

/** A network, and how the first one sees it. */
interface Opened {
  readonly name: string;
  readonly network: ModelNetwork;
  readonly model: Model;
}

/** Merges networks. Throws for invalid requests, and for networks that are not alike; a stopped run has matched what it reached. */
export async function mergeJob(request: MergeRequest, tools: TaskTools): Promise<MergeResult> {
  try {
    return await merged(request, tools);
  } catch (error) {
    if (error instanceof RequestError) throw new RequestError(spelled(error.message, mergeOptions, tools.spell));
    throw error;
  }
}

async function merged(request: MergeRequest, tools: TaskTools): Promise<MergeResult> {
  const started = performance.now();
  const { method } = request;
  const [saved, first] = await open('model', request.model, tools);
  const others: ReadonlyArray<readonly [input: string, file: unknown]> = [
    ['other', request.other],
    ...(request.more ?? []).map((file, k) => [`more.${k + 1}`, file] as const),
  ];
  const needs = method === 'activations' || method === 'ste' ? `${tools.spell('method')} ${method}` : undefined;
  const material = ofOneLength(
    await materialOf(saved, first.network, request, needs, tools),
    inputOf(first.network, first.name),
  );
  const run = new Merging(request, tools, first, material);
  const notes = [...material.notes];
  const matches: MergeResult['matches'][number][] = [];
  const orders: Permutations[] = [];
  let status: Status = 'completed';
  for (const [k, [input, file]] of others.entries()) {
    const other = alike(first, (await open(input, file, tools))[1]);
    if (JSON.stringify(other.network.scales) !== JSON.stringify(first.network.scales))
      notes.push(
        `${first.name} and ${other.name} scale or fill their columns differently; here both, and the merged network, do it as ${first.name} does.`,
      );
    const found = await run.match(other, k);
    matches.push(found.told);
    orders.push(found.permutations);
    if (found.status !== 'converged') status = found.status;
  }
  const reopened = async (input: string, file: unknown) => (await open(input, file, tools))[1].model;
  /** The mean of all networks, of which one is in memory besides those before and their mean. */
  const average = async (moved: (model: Model, k: number) => Model): Promise<Model> => {
    let mean = first.model;
    for (const [k, [input, file]] of others.entries())
      mean = interpolateModels(mean, moved(await reopened(input, file), k), 1 / (k + 2));
    return run.restated(mean);
  };
  const qualities: MergeResult['qualities'][number][] = [run.quality(first.name, first.model)];
  for (const [input, file] of run.judges.length > 0 ? others : [])
    qualities.push(run.quality(nameOf(file), await reopened(input, file)));
  const result = await average((model, k) => permuteModel(model, run.spec, orders[k]));
  if (run.judges.length > 0) {
    if (method !== 'average') qualities.push(run.quality('average as they are', await average((model) => model)));
    qualities.push(run.quality('merged', result));
  }
  const { network } = first.network.with(result.parameters, result.state);
  return {
    status,
    ...{ command: tools.command, models: [first.name, ...others.map(([, file]) => nameOf(file))], method },
    ...(material.data === undefined ? {} : { data: material.data }),
    calibrated: material.data === undefined ? 0 : sizeOf(material.calibration),
    judged: sizeOf(material.judges),
    ...(run.loss === undefined ? {} : { loss: run.loss }),
    lambdas: run.judges.length > 0 ? run.lambdas : [],
    matches,
    qualities: run.judges.length > 0 ? qualities : [],
    notes: [...notes, ...run.notes],
    seconds: (performance.now() - started) / 1000,
    file: writeSafetensors(network!.stored(network!.parameters, new Set())),
    orders: orders.map((permutations, k) => ({
      model: nameOf(others[k][1]),
      permutations: Object.fromEntries(Object.entries(permutations).map(([name, p]) => [name, Array.from(p)])),
    })),
  };
}

/** Opens a network. Throws a message for other models. */
async function open(input: string, file: unknown, tools: TaskTools): Promise<readonly [SavedModel, Opened]> {
  const saved = await tools.model!(input);
  const name = nameOf(file);
  const { network } = saved;
  if (!network) throw new RequestError(`${name} is not a network, so that there are no neurons to match.`);
  const { layer, parameters, state } = network;
  return [saved, { name, network, model: { layer, parameters, state } }];
}

/** Throws a message if two networks take or give different things, or have other layers. */
function alike(first: Opened, other: Opened): Opened {
  const [mine, theirs] = [first.network.takes, other.network.takes];
  const differing = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].find(
    (key) => JSON.stringify(mine[key]) !== JSON.stringify(theirs[key]),
  );
  const both = `${first.name} and ${other.name}`;
  if (differing !== undefined || first.network.gives !== other.network.gives)
    throw new RequestError(
      `${both} cannot be averaged: they differ in ${differing ?? 'what they give'}${differing === undefined ? '' : `, ${told(mine[differing])} and ${told(theirs[differing])}`}.`,
    );
  if (JSON.stringify(first.model.layer) !== JSON.stringify(other.model.layer)) {
    // Parameters of other names or shapes are named by the library.
    try {
      modelDistance(first.model, other.model);
    } catch (error) {
      throw new RequestError(`${both}: ${(error as Error).message}`);
    }
    throw new RequestError(`${both} have parameters of the same shapes, but other layers.`);
  }
  return other;
}

const SHOWN = 60;
function told(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** What all networks of a request share. */
class Merging {
  readonly spec: PermutationSpec;
  readonly judges: ReturnType<typeof judgesOf>;
  readonly lambdas: readonly number[];
  readonly notes: string[] = [];
  loss: string | undefined;
  private readonly input: string;
  private readonly stages: Stages;
  private readonly dense: ReturnType<typeof outputsFor>;

  constructor(
    private readonly request: MergeRequest,
    private readonly tools: TaskTools,
    private readonly first: Opened,
    private readonly material: Material,
  ) {
    const { network, model, name } = first;
    const { points, method, rate, noise, seed } = request;
    this.input = inputOf(network, name);
    this.judges = judgesOf(material);
    this.lambdas = Array.from({ length: points }, (_, k) => k / (points - 1));
    const [batch] = material.calibration;
    this.spec = permutationSpec(model, batch.inputs[this.input]);
    this.dense = outputsFor(network, network.parameters, this.judges);
    const numbers = [...Object.values(network.parameters), joined(material.calibration, this.input)];
    const print = tools.checkpoint ? fingerprint(...numbers.map((t) => t.data()), { method, rate, noise, seed }) : '';
    this.stages = new Stages('merge', print, tools.checkpoint);
    if (Object.keys(this.spec.sizes).length === 0) this.notes.push(`${name} has no neurons whose order is free.`);
  }

  private mean(other: Opened): (inputs: ad.Tensor) => ad.Tensor {
    const outputs = ({ network, model }: Opened, x: ad.Tensor) => network.apply(model.parameters, { [this.input]: x });
    return (x) => ad.mul(ad.add(outputs(this.first, x), outputs(other, x)), 0.5);
  }

  private examples(batches: Material['calibration'], other: Opened): Examples {
    return examplesOf(this.first.network, batches, this.input, this.mean(other));
  }

  private matching(other: Opened): MatchStart {
    const { method, steps, rate, noise, seed } = this.request;
    const { spec } = this;
    if (method === 'activations') return { spec, method, seed, inputs: joined(this.material.calibration, this.input) };
    if (method !== 'ste') return { spec, seed };
    const { data, labelled } = this.examples(this.material.calibration, other);
    if (!labelled)
      throw new RequestError(
        `{method} ste needs rows whose target is known: ${this.material.data ?? 'the data'} has none, or ${this.first.name} does not say what it predicts.`,
      );
    return { spec, method, seed, data, maxSweeps: steps, rate, noise };
  }

  /** Orders the neurons of a network, and measures the way to it. */
  async match(other: Opened, k: number) {
    const { tools, request, first, spec } = this;
    const { resume, ...keeping } = this.stages.stage<MatchState | StraightState>(`match-${k}`);
    const nothing: Match = { permutations: {}, objective: 0, sweeps: 0 };
    const solution =
      request.method === 'average'
        ? { point: nothing, status: 'converged' as const }
        : await runAsync(
            this.named(other, matchWeightsIterates(first.model, other.model, { ...this.matching(other), resume })),
            {
              ...{ timeLimit: request.timeLimit, signal: tools.signal, maxIter: Number.POSITIVE_INFINITY, ...keeping },
              onIterate: ({ iteration, objective }) =>
                tools.progress({
                  text: `matching ${other.name}: ${request.method === 'ste' ? 'step' : 'sweep'} ${iteration}`,
                  ...(request.method === 'ste' ? { done: iteration, total: request.steps } : {}),
                  objective,
                }),
            },
          );
    const { permutations, sweeps } = solution.point;
    const moved = permuteModel(other.model, spec, permutations);
    const lines = this.judges.length > 0 ? this.lines(other, moved) : {};
    return {
      permutations,
      // All steps of the gradients are what was asked for.
      status: solution.status === 'iteration-limit' ? ('completed' as const) : solution.status,
      told: {
        ...{ model: other.name, sweeps },
        permutations: Object.keys(spec.sizes).length,
        places: Object.values(spec.sizes).reduce((a, b) => a + b, 0),
        moved: Object.values(permutations).reduce((sum, p) => sum + p.filter((from, to) => from !== to).length, 0),
        distance: { before: modelDistance(first.model, other.model), after: modelDistance(first.model, moved) },
        ...lines,
      },
    };
  }

  /** Errors of the library say which networks they are about. */
  private *named<T>(other: Opened, iterates: Iterable<Iterate<T>>): Generator<Iterate<T>> {
    try {
      yield* iterates;
    } catch (error) {
      if (error instanceof SouthwellError)
        throw new RequestError(`${this.first.name} and ${other.name}: ${error.message}`);
      throw error;
    }
  }

  private lines(other: Opened, moved: Model) {
    const { points, method } = this.request;
    const { data, loss } = this.examples(this.judges, other);
    this.loss = loss;
    const way = (model: Model) => {
      this.tools.progress({ text: `measuring the way to ${other.name}` });
      const { barrier: height, losses } = barrier(this.first.model, model, data, { points });
      return { barrier: height, losses };
    };
    const before = way(other.model);
    return { before, after: method === 'average' ? before : way(moved) };
  }

  /** With statistics of norms of its own. */
  restated(model: Model): Model {
    if (Object.keys(model.state).length === 0 || this.material.data === undefined) return model;
    try {
      return restateNorms(model, joined(this.material.calibration, this.input));
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      const note = `Statistics of norms are averages: ${error.message}`;
      if (!this.notes.includes(note)) this.notes.push(note);
      return model;
    }
  }

  quality(network: string, { parameters, state }: Model) {
    if (this.judges.length === 0) return { network, quality: { error: 0 } };
    const own = this.first.network.with(parameters, state).network!;
    const quality = qualityOf(own.gives, this.dense, outputsFor(own, own.parameters, this.judges), this.judges);
    return { network, quality };
  }
}
