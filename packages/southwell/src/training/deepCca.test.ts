import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { decodePlain, encodePlain, Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { ccaExact, eyGradient, eyLoss as linearLoss } from '../factorisation/index.ts';
import { cosineDecay, sgd } from '../optimisers/index.ts';
import { type DeepCcaState, deepCca, deepCcaIterates, eyLoss, loadDeepVariates, saveDeepVariates } from './index.ts';
import { normalRows } from './testing.ts';

const random = new Random(7);
const rowsOf = (n: number, d: number) => normalRows(random, n, d);

// Any bytes from which what was written comes back; the tests of tasks have files of safetensors.
const write = (network: nn.Stored): Uint8Array => new TextEncoder().encode(encodePlain(network));
const read = (bytes: Uint8Array): nn.Stored => decodePlain(new TextDecoder().decode(bytes)) as nn.Stored;

/** The loss by its definition, in plain arrays: codes by view, row and column. */
function byDefinition(
  first: number[][][],
  second: number[][][],
  alpha: readonly number[],
  weights: number[][][],
): number {
  const k = first[0][0].length;
  const covariance = (A: number[][], B: number[][], p: number, q: number) => {
    const n = A.length;
    const mean = (M: number[][], c: number) => M.reduce((s, row) => s + row[c], 0) / n;
    const [a, b] = [mean(A, p), mean(B, q)];
    return A.reduce((s, row, i) => s + (row[p] - a) * (B[i][q] - b), 0) / (n - 1);
  };
  let loss = 0;
  first.forEach((A, i) => {
    first.forEach((B, j) => {
      if (i !== j) for (let c = 0; c < k; c++) loss -= 2 * covariance(A, B, c, c);
    });
  });
  const within = (Z: number[][][], p: number, q: number) =>
    Z.reduce(
      (s, A, v) =>
        s +
        (1 - alpha[v]) * covariance(A, A, p, q) +
        alpha[v] * (alpha[v] > 0 ? weights[v][p].reduce((t, w, j) => t + w * weights[v][q][j], 0) : 0),
      0,
    );
  for (let p = 0; p < k; p++) for (let q = 0; q < k; q++) loss += within(first, p, q) * within(second, p, q);
  return loss;
}

describe('the Eckart–Young loss', () => {
  const net = (width: number) =>
    nn.sequential([nn.linear({ in: width, out: 4 }), nn.tanh(), nn.linear({ in: 4, out: 3 })]);

  test.each([
    [2, 0, true],
    [2, 1, false],
    [3, 0.3, true],
    [4, 0.3, false],
    [4, 1, true],
  ] as const)(
    'of %i views, ridge %f, two batches %s: gradients through networks are those of differences',
    (views, ridge, two) => {
      const widths = [3, 5, 2, 4].slice(0, views);
      const layers = widths.map(net);
      const parameters = layers.map((layer, v) => nn.init(layer, ad.randomKey(v + 1), { dtype: 'f64' }));
      const draw = () => widths.map((d) => ad.tensor(rowsOf(5, d)));
      const [xs, ys] = [draw(), draw()];
      const codes = (p: typeof parameters, batch: readonly ad.Tensor[]) =>
        batch.map((x, v) => nn.apply(layers[v], p[v], x));
      const loss = (p: typeof parameters) =>
        eyLoss(codes(p, xs), {
          ...(two && { second: codes(p, ys) }),
          ...{ ridge, weights: p.map((own) => own['2.weight']) },
        });
      const lists = (batch: readonly ad.Tensor[]) => batch.map((z) => z.toArray() as number[][]);
      const plain = (p: typeof parameters) => {
        const Z = lists(codes(p, xs));
        const W = lists(p.map((own) => own['2.weight']));
        return byDefinition(Z, two ? lists(codes(p, ys)) : Z, new Array(views).fill(ridge), W);
      };
      const [value, gradient] = ad.valueAndGrad(loss)(parameters);
      expect(value.item()).toBeCloseTo(plain(parameters), 10);
      const h = 1e-5;
      parameters.forEach((own, v) => {
        for (const [name, p] of Object.entries(own)) {
          const at = random.integer(p.size);
          const moved = (by: number) => {
            const values = Float64Array.from(p.data());
            values[at] += by;
            const tensor = ad.tensor(values, { shape: p.shape });
            return plain(parameters.map((q, w) => (w === v ? { ...q, [name]: tensor } : q)));
          };
          const slope = (moved(h) - moved(-h)) / (2 * h);
          expect(gradient[v][name].data()[at]).toBeCloseTo(slope, 6);
        }
      });
    },
  );

  const n = 40;
  const shared = rowsOf(n, 2);
  const tables = [4, 3].map((d) => rowsOf(n, d).map((row, i) => row.map((x, j) => x + 2 * (shared[i][j] ?? 0))));
  const centredRows = tables.map((X) => {
    const mean = X[0].map((_, j) => X.reduce((s, row) => s + row[j] / n, 0));
    return Float64Array.from(X.flatMap((row) => row.map((x, j) => x - mean[j])));
  });

  test.each([0, 0.3, 1])('of linear encoders is the linear one, ridge %f, and at exact variates −Σλ²', (ridge) => {
    const k = 2;
    const weights = tables.map((X) => Float64Array.from({ length: X[0].length * k }, () => random.normal()));
    const alpha = [ridge, ridge];
    // Columns of U are rows of a layer's matrix.
    const matrix = (U: Float64Array) => ad.transpose(ad.tensor(U, { shape: [U.length / k, k] }));
    const loss = (W: readonly ad.Tensor[]) =>
      eyLoss(
        W.map((w, v) => ad.matmul(ad.tensor(tables[v]), ad.transpose(w))),
        { ridge, weights: W },
      );
    const [value, gradient] = ad.valueAndGrad(loss)(weights.map(matrix));
    expect(value.item()).toBeCloseTo(linearLoss(centredRows, centredRows, weights, alpha, n, k), 9);
    const { gradients } = eyGradient(centredRows, centredRows, weights, alpha, n, k);
    gradients.forEach((g, v) => {
      g.forEach((slope, at) => {
        expect((gradient[v].toArray() as number[][])[at % k][Math.floor(at / k)]).toBeCloseTo(slope, 8);
      });
    });
    const exact = ccaExact(tables, { components: k, ridge });
    const least = exact.weights.map((W) =>
      Float64Array.from(
        { length: W.rows * k },
        (_, at) => W.get(Math.floor(at / k), at % k) * Math.sqrt(exact.eigenvalues[at % k] / 2),
      ),
    );
    const sum = exact.eigenvalues.reduce((s, v) => s + v * v, 0);
    expect(loss(least.map(matrix)).item()).toBeCloseTo(-sum, 9);
  });

  test('does not change when codes of all views are turned alike', () => {
    const codes = [rowsOf(8, 3), rowsOf(8, 3), rowsOf(8, 3)].map((z) => ad.tensor(z));
    const [O] = ad.qr(ad.tensor(rowsOf(3, 3)));
    const second = [rowsOf(8, 3), rowsOf(8, 3), rowsOf(8, 3)].map((z) => ad.tensor(z));
    const turned = (Z: readonly ad.Tensor[]) => Z.map((z) => ad.matmul(z, O));
    expect(eyLoss(turned(codes), { second: turned(second) }).item()).toBeCloseTo(eyLoss(codes, { second }).item(), 10);
    expect(eyLoss(codes.map((z, v) => (v === 0 ? ad.matmul(z, O) : z))).item()).not.toBeCloseTo(
      eyLoss(codes).item(),
      3,
    );
  });

  test('of two batches is right on the average, of one used twice too large', () => {
    const codes = [rowsOf(30, 2), rowsOf(30, 2)].map((Z) => Z.map((z, i) => [z[0] + shared[i][0], z[1]]));
    const whole = byDefinition(codes, codes, [0, 0], []);
    const empty = () => [0, 1].map(() => ad.full([4, 2], 0, 'f64'));
    const program = ad
      .compile((first: ad.Tensor[], second: ad.Tensor[]) => [eyLoss(first, { second }), eyLoss(first)])
      .prepare(empty(), empty());
    const draws = 10_000;
    const [sums, squares] = [new Float64Array(2), new Float64Array(2)];
    for (let draw = 0; draw < draws; draw++) {
      for (const input of program.inputs) {
        const rows = random.sample(30, 4);
        input.data.set(codes.flatMap((Z) => Array.from(rows).flatMap((i) => Z[i])));
      }
      program.run();
      program.outputs.forEach(({ data: [value] }, which) => {
        sums[which] += value / draws;
        squares[which] += (value * value) / draws;
      });
    }
    program.free();
    const off = [0, 1].map((which) => (sums[which] - whole) / Math.sqrt((squares[which] - sums[which] ** 2) / draws));
    expect(Math.abs(off[0])).toBeLessThan(4);
    expect(off[1]).toBeGreaterThan(10);
  });

  test('refuses what it is not for by a sentence', () => {
    const z = (n: number, k: number) => ad.full([n, k], 1, 'f64');
    expect(() => eyLoss([z(4, 2)])).toThrow('codes must have at least two views, but has 1.');
    expect(() => eyLoss([z(4, 2), z(3, 2)])).toThrow('Codes of view 1 are [4, 2], but those of view 2 are [3, 2].');
    expect(() => eyLoss([z(1, 2), z(1, 2)])).toThrow('A batch must have at least two rows');
    expect(() => eyLoss([z(4, 2), z(4, 2)], { ridge: 0.1 })).toThrow('A ridge of 0.1 needs weights');
    expect(() => eyLoss([z(4, 2), z(4, 2)], { ridge: 2 })).toThrow(
      'ridge must be between 0 (CCA) and 1 (PLS), but is 2.',
    );
    expect(() => eyLoss([z(4, 2), z(4, 2)], { second: [z(4, 3), z(4, 3)] })).toThrow('The second batch has 2 views of');
  });
});

/** Two views of a common number that no line finds: one has its square, the other its absolute value. */
function bent(n: number, seed: number): number[][][] {
  const draw = new Random(seed);
  const common = Array.from({ length: n }, () => draw.normal());
  return [
    common.map((c) => [c * c + 0.1 * draw.normal(), draw.normal(), draw.normal()]),
    common.map((c) => [c + 0.1 * draw.normal(), draw.normal()]),
  ];
}

/** Σρ² of two tables by tr S₁₁⁻¹S₁₂S₂₂⁻¹S₂₁, with elimination. */
function squaredSum(X: number[][], Y: number[][]): number {
  const n = X.length;
  const centre = (M: number[][]) => {
    const mean = M[0].map((_, j) => M.reduce((s, row) => s + row[j] / n, 0));
    return M.map((row) => row.map((x, j) => x - mean[j]));
  };
  const [A, B] = [centre(X), centre(Y)];
  const times = (P: number[][], Q: number[][]) =>
    P[0].map((_, a) => Q[0].map((__, b) => P.reduce((s, row, i) => s + row[a] * Q[i][b], 0)));
  const solved = (S: number[][], R: number[][]) => {
    const M = S.map((row, i) => [...row, ...R[i]]);
    M.forEach((pivot, p) => {
      const d = pivot[p];
      for (let c = 0; c < pivot.length; c++) pivot[c] /= d;
      M.forEach((row, i) => {
        if (i === p) return;
        const f = row[p];
        for (let c = 0; c < row.length; c++) row[c] -= f * pivot[c];
      });
    });
    return M.map((row) => row.slice(S.length));
  };
  const [P, Q] = [solved(times(A, A), times(A, B)), solved(times(B, B), times(B, A))];
  return P.reduce((s, row, i) => s + row.reduce((t, v, j) => t + v * Q[j][i], 0), 0);
}

describe('deep canonical correlation', () => {
  const options = { components: 1, hidden: [16], epochs: 30, rate: 0.01, seed: 3 };
  const views = bent(400, 1);
  const fit = deepCca(views, options);

  test('finds what lines do not, also for rows that it has not seen', () => {
    const fresh = bent(400, 2);
    expect(ccaExact(views).correlations(fresh)[0]).toBeLessThan(0.3);
    expect(fit.status).toBe('completed');
    expect(fit.iterations).toBe(30 * 12);
    expect(fit.point.score(fresh)).toBeGreaterThan(0.9);
    expect(fit.point.history.loss).toHaveLength(30);
    expect(fit.point.history.correlation.at(-1)).toBeCloseTo(fit.point.eigenvalues[0], 6);
  });

  test('variates are the canonical ones of the codes: in order, uncorrelated, of variance 1', () => {
    const { point } = deepCca([bent(100, 5)[0], rowsOf(100, 4)], { ...options, components: 3, epochs: 3 });
    const inputs = [bent(100, 5)[0], rowsOf(100, 4)];
    const again = deepCca(inputs, { ...options, components: 3, epochs: 3 }).point;
    expect(point.eigenvalues.length).toBe(3);
    const codes = again.encoders.map(({ layer, parameters }, v) =>
      nn.apply(layer, parameters, ad.tensor(inputs[v], { dtype: 'f32' })).toArray(),
    ) as number[][][];
    const squares = again.eigenvalues.reduce((s, rho) => s + rho * rho, 0);
    expect(squares).toBeCloseTo(squaredSum(codes[0], codes[1]), 4);
    const scores = again
      .transform(inputs)
      .map((Z) => Array.from({ length: 100 }, (_, i) => [0, 1, 2].map((c) => Z.get(i, c))));
    const product = (a: number, p: number, b: number, q: number) =>
      scores[a].reduce((s, row, i) => s + (row[p] * scores[b][i][q]) / 99, 0);
    for (let p = 0; p < 3; p++) {
      for (let q = 0; q < 3; q++) {
        expect(product(0, p, 0, q)).toBeCloseTo(p === q ? 1 : 0, 4);
        expect(product(0, p, 1, q)).toBeCloseTo(p === q ? again.eigenvalues[p] : 0, 4);
      }
    }
  });

  test('by batches of five, two a step end at codes of the exact variance, one used twice at smaller ones', () => {
    const common = rowsOf(1000, 2);
    const tables = [4, 3].map((d) => rowsOf(1000, d).map((row, i) => row.map((x, j) => x + (common[i][j] ?? 0))));
    const sum = ccaExact(tables, { components: 2 }).eigenvalues.reduce((s, rho) => s + rho, 0);
    const [two, one] = [true, false].map((twoBatches) => {
      const { point } = deepCca(tables, {
        ...{ components: 2, hidden: [], batchSize: 5, epochs: 15, twoBatches, rate: 0.01, schedule: cosineDecay },
        optimiser: (rate) => sgd({ rate }),
      });
      // Of both views together, Λ at the least loss.
      return point.encoders.reduce((all, { layer, parameters }, v) => {
        const codes = nn.apply(layer, parameters, ad.tensor(tables[v], { dtype: 'f32' }));
        return all + ad.sum(ad.variance(codes, [0], { correction: 1 })).item();
      }, 0);
    });
    expect(Math.abs(two / sum - 1)).toBeLessThan(0.1);
    expect(one / sum).toBeLessThan(0.8);
  });

  test('batches may have fewer rows than there are components; three views, images, one network, dropout, one batch', () => {
    const three = [...bent(60, 3), rowsOf(60, 6)];
    expect(
      deepCca(three, { components: 5, batchSize: 2, epochs: 1, ridge: [0, 0.3, 1] }).point.eigenvalues,
    ).toHaveLength(5);
    const image = nn.sequential([
      nn.conv2d({ in: 1, out: 2, kernel: 2 }),
      nn.relu(),
      nn.flatten(),
      nn.dropout({ rate: 0.1 }),
      nn.linear({ in: 4, out: 2 }),
    ]);
    const pictures = [rowsOf(50, 6), rowsOf(50, 6)];
    const shapes = [
      [2, 3, 1],
      [2, 3, 1],
    ];
    const { point } = deepCca(pictures, { encoders: [image], shared: true, shapes, epochs: 2, twoBatches: false });
    expect(point.encoders[0].parameters).toEqual(point.encoders[1].parameters);
    expect(point.score(pictures)).toBeGreaterThan(0);
    expect(point.transform(pictures)[1].cols).toBe(2);
  });

  test('codes of fewer dimensions have fewer components', () => {
    // Linear functions of one column are all the same but for their size.
    const { point } = deepCca([rowsOf(60, 3), rowsOf(60, 1)], { hidden: [], components: 4, epochs: 1 });
    expect(point.eigenvalues).toHaveLength(1);
    expect(point.transform([rowsOf(5, 3), rowsOf(5, 1)]).map((Z) => Z.cols)).toEqual([1, 1]);
  });

  test('the best epoch by a validation is kept, and patience ends a run', () => {
    const noise = [rowsOf(60, 8), rowsOf(60, 8)];
    const validation = [rowsOf(30, 8), rowsOf(30, 8)];
    const { point, iterations, status } = deepCca(noise, { ...options, epochs: 50, validation, patience: 3 });
    expect(status).toBe('completed');
    const { validation: curve = [] } = point.history;
    expect(point.epoch).toBe(curve.indexOf(Math.max(...curve)) + 1);
    expect(curve).toHaveLength(point.epoch + 3);
    expect(iterations).toBe(curve.length);
    expect(point.score(validation)).toBeCloseTo(Math.max(...curve), 9);
  });

  test('a run that was cut goes on to the same bits', () => {
    let state: DeepCcaState | undefined;
    const short = { ...options, epochs: 3 };
    const validation = bent(50, 9);
    const whole = deepCca(views, { ...short, validation });
    const save = (kept: unknown) => {
      state = structuredClone(kept) as DeepCcaState;
    };
    const cut = deepCca(views, { ...short, validation, maxIter: 17, checkpoint: { save } });
    expect(cut.status).toBe('iteration-limit');
    const rest = deepCca(views, { ...short, validation, resume: state });
    expect(saveDeepVariates(rest.point, write)).toBe(saveDeepVariates(whole.point, write));
    expect(rest.point.history).toEqual(whole.point.history);
  });

  test('a text keeps a model with its bits', () => {
    for (const dtype of ['f32', 'f64'] as const) {
      const { point } = deepCca(views, { ...options, epochs: 1, dtype });
      const loaded = loadDeepVariates(saveDeepVariates(point, write), read);
      const [own, again] = [point.transform(views), loaded.transform(views)];
      expect(again[0].data).toEqual(own[0].data);
      expect(again[1].data).toEqual(own[1].data);
      expect(loaded.transformView(1, views[1]).data).toEqual(own[1].data);
      expect(loaded.correlations(views)).toEqual(point.correlations(views));
    }
    expect(() => loadDeepVariates('{"format":"other"}', read)).toThrow(
      'The text is not in the format southwell-deep-cca, version 1.',
    );
    const saved = JSON.parse(saveDeepVariates(fit.point, write));
    expect(() => loadDeepVariates(JSON.stringify({ ...saved, dtype: 'f16' }), read)).toThrow('has no dtype f32 or f64');
    expect(() => loadDeepVariates(JSON.stringify({ ...saved, means: [[0]] }), read)).toThrow(
      'the sizes of its parts do not match.',
    );
  });

  test('a run that runs away is diverged, and gives the last good point', () => {
    const { status, point } = deepCca(views, { ...options, optimiser: (rate) => sgd({ rate }), rate: 1e4 });
    expect(status).toBe('diverged');
    expect(Number.isFinite(point.score(views))).toBe(true);
    expect(deepCca(views, { ...options, signal: AbortSignal.abort() }).status).toBe('aborted');
  });

  test.each([
    [[views[0]], {}, 'the views must be an array of at least two matrices'],
    [[views[0], views[1].slice(1)], {}, 'View 1 of the views has 400 rows, but view 2 has 399.'],
    [[views[0], views[1].map(() => [2, 3])], {}, 'All 400 rows of view 2 are equal: it has no correlations.'],
    [[views[0], views[1].map(([a], i) => [a, i === 4 ? Number.NaN : 1])], {}, 'view 2 of the views'],
    [views, { batchSize: 1 }, 'batchSize must be a whole number of at least 2'],
    [views, { batchSize: 500 }, 'batchSize must be at most 400, the number of rows, but is 500.'],
    [views, { components: 400 }, 'components must be at most 399 for 400 rows, but is 400.'],
    [views, { patience: 2 }, 'patience needs validation views'],
    [views, { ridge: [0] }, 'ridge has 1 numbers for 2 views.'],
    [
      views,
      { encoders: [nn.linear({ in: 3, out: 2 })] },
      'There are 1 encoders for 2 views: there must be one for each.',
    ],
    [
      views,
      { components: 3, encoders: [nn.linear({ in: 3, out: 2 }), nn.linear({ in: 2, out: 2 })] },
      'components must be at most 2, the number of units of the last layers',
    ],
    [
      views,
      { encoders: [nn.linear({ in: 3, out: 2 }), nn.linear({ in: 2, out: 1 })] },
      'that of view 1 has 2 and that of view 2 1.',
    ],
    [
      views,
      { encoders: [nn.sequential([nn.linear({ in: 3, out: 2 }), nn.relu()]), nn.linear({ in: 2, out: 2 })] },
      'The last layer of the encoder of view 1 must be linear, so that its outputs are unbounded, but is activation.',
    ],
    [views, { batchsize: 3 } as object, "deepCca has no option 'batchsize'; did you mean 'batchSize'?"],
  ])('what is degenerate is refused by a sentence: %#', (input, wrong, sentence) => {
    expect(() => [...deepCcaIterates(input, wrong)]).toThrow(sentence);
  });
});
