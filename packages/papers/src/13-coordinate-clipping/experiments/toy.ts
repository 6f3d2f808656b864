import { directionalSharpness } from 'southwell/diagnostics';
import { experiment } from '../../define.ts';
import { libraryClip } from '../lab.ts';
import { locked } from '../locked.ts';
import { searchedDecrease } from '../oracle.ts';
import { record } from '../record.ts';

/** A quadratic with one steep coordinate, for which everything is known exactly. */
export default experiment(record, {
  id: 'toy',
  title: 'One steep coordinate of a hundred',
  panels: [
    {
      title: 'f along unit directions',
      x: { label: 'length of the step', log: true },
      y: { label: 'f' },
      series: ['SGD', 'SGD, 10 % clipped'],
      control: 'SGD',
    },
  ],
  claims: ['steep-coordinate'],
  method: libraryClip,
  async *run(context, decide, clip) {
    const { coordinates: length, steep, from } = locked.claims['steep-coordinate'].sizes[context.size];
    const h = Float64Array.from({ length }, (_, i) => (i === 0 ? steep : 1));
    const x = Float64Array.from({ length }, (_, i) => (i === 0 ? from : 1));
    const gradient = x.map((v, i) => h[i] * v);
    const downhill = gradient.map((v) => -v);
    const directions = { SGD: downhill, 'SGD, 10 % clipped': clip(downhill, 0.1) };
    const decreases = Object.entries(directions).map(([name, d]) => {
      const {
        norm,
        correlation,
        sharpness,
        predictedDecrease = Number.NaN,
      } = directionalSharpness(gradient, (v, out) => out.set(v.map((u, i) => h[i] * u)), d);
      const f = (step: number) => x.reduce((sum, v, i) => sum + (h[i] * (v + (step * d[i]) / norm) ** 2) / 2, 0);
      return { name, f, correlation, sharpness, predicted: predictedDecrease, found: searchedDecrease(f) };
    });
    const lengths = Array.from({ length: 60 }, (_, k) => 10 ** (-2.5 + k / 20));
    for (const { name, f } of decreases) {
      yield { kind: 'points', panel: 'f along unit directions', series: name, x: lengths, y: lengths.map(f) };
    }
    yield {
      kind: 'table',
      title: 'From f = 99.5',
      columns: ['direction', 'gᵀv', 'vᵀHv', 'predicted decrease', 'found by a search'],
      rows: decreases.map((d) => [d.name, d.correlation, d.sharpness, d.predicted, d.found]),
    };
    const [plain, clipped] = decreases;
    yield decide('steep-coordinate', {
      predicted: clipped.predicted / plain.predicted,
      found: clipped.found / plain.found,
    });
  },
});
