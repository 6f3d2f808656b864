import { runAsync, type Status } from 'southwell';
import { components, gossipRatesIterates, graphSpectrum } from 'southwell/distributed-methods';
import type { TaskTools } from '../../declaration/task.ts';
import { count } from '../../format.ts';
import { type NamedGraph, readGraph } from './links.ts';
import type { GossipRequest } from './options.ts';
import { placesOf } from './places.ts';
import type { GossipResult } from './result.ts';
import { counted, MOST_RECORDED, recordedRun } from './simulation.ts';

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const shares = (rates: Float64Array): Float64Array => {
  const sum = total(rates);
  return rates.map((rate) => rate / sum);
};

/** What shares of links need. */
function needed({ graph, costs }: NamedGraph, p: Float64Array): GossipResult['uniform'] {
  const { lambda2, lambdaMax, chi1, chi2, scale } = graphSpectrum(graph, p);
  const cost = costs && scale * total(p.map((share, k) => share * costs[k]));
  return { lambda2, lambdaMax, chi1, chi2, communications: scale, ...(cost !== undefined && { cost }) };
}

/** Runs that were stopped early cannot be resumed, as the advice for all methods has it. */
const nextOf = (status: Status, next: string): string =>
  status === 'time-limit' || status === 'aborted' ? 'These are the best rates so far: allow more time.' : next;

/** Throws if the request or the data are invalid. */
export async function gossipJob(request: GossipRequest, tools: TaskTools): Promise<GossipResult> {
  const started = performance.now();
  const named = await readGraph(request, tools);
  const { graph, nodes, rates, costs, notes } = named;
  tools.progress({ text: `${count(nodes.length, 'node')}, ${count(graph.from.length, 'link')}` });
  const { objective, tol, timeLimit } = request;
  const solution = await runAsync(gossipRatesIterates(graph, { objective, ...(costs && { costs }) }), {
    ...{ tol, timeLimit, signal: tools.signal },
    onIterate: ({ iteration, certificate }) =>
      tools.progress({
        text: `step ${iteration}${certificate ? `: gap ${certificate.relative.toExponential(1)}` : ''}`,
        iteration,
      }),
  });
  const { p, lowerBound } = solution.point;
  const even = new Float64Array(graph.from.length).fill(1 / graph.from.length);
  const uniform = needed(named, even);
  const best = needed(named, p);
  const used = rates !== undefined && components(graph, rates).every((component) => component === 0);
  const present = used ? shares(rates) : undefined;
  const given = present && needed(named, present);
  const saved = (other: GossipResult['uniform']): number =>
    objective === 'lambda2'
      ? 1 - best.chi1 / other.chi1
      : 1 - (best.cost ?? best.communications) / (other.cost ?? other.communications);
  const { resistances } = graphSpectrum(graph, p);
  const places = placesOf(graph);
  const simulation = request.simulate !== undefined && {
    kappa: request.simulate,
    seed: request.seed,
  };
  return {
    status: solution.status,
    command: tools.command,
    data: {
      name: named.name,
      notes: [
        ...notes,
        ...(rates && !used ? ['The rates in the table leave the graph disconnected, and are not compared with.'] : []),
      ],
    },
    objective,
    nodes: nodes.map((node, i) => ({ node, x: places[i][0], y: places[i][1] })),
    ...{ uniform, ...(given && { given }), best },
    // A bound far below says nothing.
    ...(2 * lowerBound > (best.cost ?? best.communications) && { lowerBound }),
    saving: saved(uniform),
    ...(given && { savingOfGiven: saved(given) }),
    links: Array.from(graph.from, (i, k) => ({
      ...{ from: nodes[i], to: nodes[graph.to[k]], share: p[k], rate: p[k] * best.communications },
      ...(present && { given: present[k] }),
      ...(costs && { cost: costs[k] }),
      resistance: resistances[k],
    })),
    ...(solution.next !== undefined && { next: nextOf(solution.status, solution.next) }),
    ...(simulation && {
      simulated: counted(
        named,
        { uniform: even, ...(present && { given: present }), best: p },
        { ...simulation, signal: tools.signal },
      ),
      ...(graph.n <= MOST_RECORDED && {
        events: JSON.stringify(recordedRun(named, p, places, { ...simulation, title: tools.command })),
      }),
    }),
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}
