import type { Picture } from '@southwell/data';
import type { View } from '../../declaration/view.ts';
import { count, number } from '../../format.ts';
import type { GossipResult } from './result.ts';

/** Links of the table, those used most often first. */
const SHOWN = 30;
/** Width of the link that is used most, and the least of one that is used. */
const [WIDEST, THINNEST] = [7, 0.6];

const percent = (share: number): string => `${number(100 * share, 3)} %`;

/** The graph, with widths in proportion to rates; links that are not used are dashed. */
function picture({ nodes, links }: GossipResult): View['pictures'] {
  const index = new Map(nodes.map(({ node }, i) => [node, i]));
  const top = links.reduce((most, { share }) => Math.max(most, share), 0);
  const drawn: Picture = {
    type: 'graph',
    nodes: nodes.map(({ node, x, y }) => ({ x, y, label: node })),
    edges: links.map(({ from, to, share }) => ({
      ...{ from: index.get(from)!, to: index.get(to)!, group: share > 0 ? 0 : 1 },
      width: share > 0 ? Math.max(THINNEST, (WIDEST * share) / top) : 1,
    })),
    ...(links.some(({ share }) => share === 0) && { groups: ['used, wide if often', 'not used'] }),
  };
  return [{ title: 'Rates of links', picture: drawn }];
}

function ratesTable({ uniform, given, best }: GossipResult) {
  const priced = best.cost !== undefined;
  const row = (name: string, of: GossipResult['best']) => [
    ...[name, of.communications],
    ...(priced ? [of.cost ?? null] : []),
    ...[of.lambda2, of.lambdaMax, of.chi1, of.chi2],
  ];
  return {
    title: 'Rates',
    columns: ['rates', 'communications', ...(priced ? ['cost'] : []), 'λ₂', 'λ max', 'χ₁', 'χ₂'],
    rows: [row('uniform', uniform), ...(given ? [row('given', given)] : []), row('best', best)],
    below: 'Communications of all links together per unit of time, in which every node computes one gradient.',
  };
}

const simulatedTable = (simulated: NonNullable<GossipResult['simulated']>) => ({
  title: 'Simulation of DADAO',
  columns: ['rates', 'time', 'gradients', 'communications'],
  rows: simulated.map(({ rates, reached, time, gradients, communications }) =>
    reached ? [rates, time, gradients, communications] : [`${rates}, not reached`, time, gradients, communications],
  ),
  below: 'Until the squared distance from the minimum is 1e-6 of that of the start.',
});

function headline({ objective, best, uniform, saving }: GossipResult): string {
  if (objective === 'lambda2') {
    return `With the best rates λ₂ is ${number(best.lambda2)}, and ${number(uniform.lambda2)} with uniform rates.`;
  }
  const [what, now, before] =
    best.cost === undefined
      ? ['communications', best.communications, uniform.communications]
      : ['cost of communications', best.cost, uniform.cost!];
  const least = `${number(now)} per unit of time`;
  if (saving < 5e-4) return `Uniform rates are the best: ${what} ${least}.`;
  return `The best rates save ${percent(saving)} of the ${what}: ${least} instead of ${number(before)}.`;
}

export function gossipView(r: GossipResult): View {
  const { links, nodes, data } = r;
  const [hasGiven, hasCost] = [r.given !== undefined, r.best.cost !== undefined];
  const sorted = [...links].sort((a, b) => b.share - a.share).slice(0, SHOWN);
  return {
    status: r.status,
    about: `${data.name}: ${count(nodes.length, 'node')}, ${count(links.length, 'link')}`,
    headline: headline(r),
    ending: [
      ...(r.savingOfGiven === undefined
        ? []
        : [`Compared with the rates in the table: ${percent(r.savingOfGiven)} saved.`]),
      ...(r.lowerBound === undefined
        ? []
        : [
            `No rates ${r.links.every(({ share }) => share > 0) ? '' : 'of the same links '}need less than ${number(r.lowerBound)}.`,
          ]),
    ].join(' '),
    work: count(r.iterations, 'step'),
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      ratesTable(r),
      ...(r.simulated ? [simulatedTable(r.simulated)] : []),
      {
        title: 'Links',
        columns: [
          'from',
          'to',
          'share',
          'rate',
          ...(hasGiven ? ['given share'] : []),
          ...(hasCost ? ['cost'] : []),
          'resistance',
        ],
        rows: sorted.map(({ from, to, share, rate, given, cost, resistance }) => [
          ...[from, to, share, rate],
          ...(hasGiven ? [given!] : []),
          ...(hasCost ? [cost!] : []),
          resistance,
        ]),
        ...(sorted.length < links.length && {
          below: `${sorted.length} of ${links.length} links, those used most often first; --json has all.`,
        }),
      },
    ],
    pictures: picture(r),
  };
}
