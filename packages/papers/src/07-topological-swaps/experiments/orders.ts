import { Random } from 'southwell';
import { hammingDistance, orderScore, varianceOrder } from 'southwell/structure-learning';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { graphPictures, mean } from '../../graphPicture.ts';
import { draw, hundred, libraryMethod, optionsOf, type Setting, search, smallSet, ten, twenty } from '../lab.ts';
import { record } from '../record.ts';

/** From random orders. */
export default experiment(record, {
  id: 'orders',
  title: 'From random orders to the score of the true one',
  axes: { x: 'round', y: 'score', logY: true },
  parameters: [smallSet],
  claims: ['reaches-true-score', 'monotone'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const settings = context.size === 'full' ? [twenty, hundred] : [ten];
    const total = settings.reduce((sum, s) => sum + s.draws, 0);
    const gapsOf = new Map<Setting, number[]>();
    const distancesOf = new Map<Setting, number[]>();
    let largestRise = Number.NEGATIVE_INFINITY;
    let done = 0;
    for (const setting of settings) {
      const { nodes } = setting;
      const gaps: number[] = [];
      const distances: number[] = [];
      gapsOf.set(setting, gaps);
      distancesOf.set(setting, distances);
      const rows: Cell[][] = [];
      for (let k = 0; k < setting.draws; k++) {
        yield { kind: 'progress', label: `${nodes} variables, draw ${k}`, fraction: done++ / total };
        const { truth, data, best, seed } = draw(setting, context, k);
        const { estimate, rounds } = await search(
          method,
          data,
          { ...optionsOf(setting, context), seed },
          context.signal,
        );
        const x = rounds.map((_, at) => at);
        const panel = `${nodes} variables`;
        const work = { seconds: rounds.map((r) => r.seconds) };
        yield { kind: 'points', panel, series: `draw ${k}`, x, y: rounds.map((r) => r.objective), work };
        yield { kind: 'points', panel, series: `true order, draw ${k}`, x: [0, x.length - 1], y: [best, best] };
        for (let t = 1; t < rounds.length; t++) {
          largestRise = Math.max(largestRise, rounds[t].objective - rounds[t - 1].objective);
        }
        const gap = estimate.objective - best;
        const shd = hammingDistance(truth, estimate.dag);
        gaps.push(gap);
        distances.push(shd);
        const random = orderScore(data.C, new Random(seed).permutation(nodes)) - best;
        const variance = orderScore(data.C, varianceOrder(data)) - best;
        rows.push([k, random, variance, gap, shd, rounds.length - 1, estimate.seconds]);
        if (k === 0 && setting === settings[0]) yield* graphPictures(truth, estimate.dag, 'Learned');
      }
      const columns = ['draw', 'random order', 'by variance', 'swaps', 'SHD', 'rounds', 'seconds'];
      yield { kind: 'table', title: `${nodes} variables: score less that of the true order`, columns, rows };
    }
    const distance = (setting: Setting) => {
      const found = distancesOf.get(setting);
      return found && mean(found);
    };
    yield decide('reaches-true-score', {
      gapOfTen: gapsOf.get(ten),
      distanceOfTen: distance(ten),
      gapOfTwenty: gapsOf.get(twenty),
      distanceOfTwenty: distance(twenty),
      gapOfHundred: gapsOf.get(hundred),
    });
    yield decide('monotone', { rise: largestRise });
  },
});
