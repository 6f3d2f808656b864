import { SouthwellError } from '@southwell/numerics/core';
import { type Aggregate, aggregate, aggregationRules } from 'southwell/distributed-methods';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { inOptions } from '../inOptions.ts';
import { type Gradients, gradientsOf, turnedNote } from './gradients.ts';
import type { AggregateRequest } from './options.ts';
import type { AggregateResult } from './result.ts';

/** Distances above the median by so many scaled median deviations are suspicious: one in 3 · 10⁵ normal ones. */
const SUSPICIOUS = 4.5;
/** And only distances that exceed the median by this factor. */
const FARTHER = 1.5;
/** A median absolute deviation of normal numbers times this is their standard deviation. */
const NORMAL = 1.4826;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort();
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const shown = (v: number | undefined): number | null => (v !== undefined && Number.isFinite(v) ? v : null);

/** What each worker is to the direction. */
function workersOf({ workers, gradients }: Gradients, found: Aggregate, unit: boolean): AggregateResult['workers'] {
  const { direction, excluded, zero, weights, explained, scores, selected } = found;
  const length = Math.sqrt(dot(direction, direction));
  const all = gradients.map((gradient, i) => {
    const norm = Math.sqrt(dot(gradient, gradient));
    const product = dot(gradient, direction);
    const scale = unit ? 1 / norm : 1;
    // Entry by entry: from norms and products, workers equal to the direction would be 1e-8 away.
    const distance = Math.sqrt(direction.reduce((sum, d, k) => sum + (scale * gradient[k] - d) ** 2, 0));
    const finite = !excluded.includes(i);
    return {
      worker: workers[i],
      state: (finite ? (zero.includes(i) ? 'zero' : 'counted') : 'excluded') as 'counted' | 'zero' | 'excluded',
      norm: finite ? shown(norm) : null,
      cosine: finite && norm > 0 && length > 0 ? shown(Math.max(-1, Math.min(1, product / norm / length))) : null,
      distance: finite && (norm > 0 || !unit) ? shown(distance) : null,
      ...(weights && { weight: weights[i] }),
      ...(explained && { explained: shown(explained[i]) }),
      ...(scores && { score: shown(scores[i]) }),
      ...(selected && { selected: selected.includes(i) }),
    };
  });
  const distances = all.flatMap(({ state, distance }) => (state === 'counted' && distance !== null ? [distance] : []));
  if (distances.length < 4) return all;
  const centre = median(distances);
  const spread = NORMAL * median(distances.map((d) => Math.abs(d - centre)));
  // Gradients that make up the direction are nearer to it than others by chance.
  const limit = Math.max(centre + SUSPICIOUS * spread, FARTHER * centre);
  return all.map((one) =>
    one.state === 'counted' && one.distance !== null && one.distance > limit ? { ...one, state: 'suspected' } : one,
  );
}

/** Throws if the request or the data are invalid. */
export async function aggregateJob(request: AggregateRequest, tools: TaskTools): Promise<AggregateResult> {
  const started = performance.now();
  const table = await tools.read();
  const given = gradientsOf(table, request.workers, tools);
  const { gradients, workers } = given;
  tools.progress({ text: `aggregating ${count(workers.length, 'gradient')}` });
  const { rule, faulty, m, lambda, iterations, scale, radius } = request;
  const applies: Record<string, number | string | undefined> = {
    rule,
    f: faulty,
    m,
    lambda,
    iterations,
    scale,
    radius,
  };
  const options = Object.fromEntries(Object.entries(applies).filter(([, value]) => value !== undefined));
  let found: Aggregate;
  try {
    found = aggregate(gradients, options);
  } catch (error) {
    if (error instanceof SouthwellError)
      throw new RequestError(`${table.name}: ${inOptions(error.message, tools.spell)}`);
    throw error;
  }
  const unit = (rule === 'flag' || rule === 'normalized-mean') && scale === 'unit';
  const { direction, status = 'completed', iterations: passes, certificate, dimension, excluded } = found;
  const told = workersOf(given, found, unit);
  const suspected = told.filter(({ state }) => state === 'suspected').map(({ worker }) => worker);
  return {
    // Passes that were asked for are the end that was planned.
    status: status === 'iteration-limit' && rule === 'flag' ? 'completed' : status,
    command: tools.command,
    data: { name: table.name, notes: [...given.notes, ...turnedNote(given, tools, request.workers)] },
    ...{ rule, title: aggregationRules[rule], entries: direction.length, workers: told },
    norm: Math.sqrt(dot(direction, direction)),
    ...(dimension !== undefined && { dimension }),
    ...(passes !== undefined && { iterations: passes }),
    ...(certificate && { certificate: certificate.relative }),
    advice: [
      ...(excluded.length > 0 ? [`Not finite, and left out: ${namesOf(excluded.map((i) => workers[i]))}.`] : []),
      ...(suspected.length > 0
        ? [`Unusually far from the direction: ${namesOf(suspected)}, perhaps faulty, or with other data.`]
        : []),
    ],
    ...(given.entries && { names: [...given.entries] }),
    direction: [...direction],
    seconds: (performance.now() - started) / 1000,
  };
}

const namesOf = (names: readonly string[]): string =>
  `${names.length === 1 ? 'worker' : 'workers'} ${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`;
