import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, at, here } = workshop();
type Columns = Record<string, Array<number | string | null>>;
const json = async (...args: string[]) => {
  const { code, out, err } = await here([...args, '--json']);
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out);
};
const saved = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));

const random = new Random(3);
const rowsOf = (n: number) =>
  Array.from({ length: n }, () => {
    const [a, b] = [2 * random.uniform(), random.uniform()];
    const noise = () => 0.1 * random.uniform();
    return [a + noise(), a + b + noise(), 10 * b + noise(), 3 * a + noise(), 2 * b + a * b + noise()];
  });
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const kindOf = (row: readonly number[]) => (row[0] > row[2] / 8 ? 'long' : 'wide');
const csv = (rows: readonly number[][], order = [0, 1, 2, 3, 4], kinds = true) =>
  `${order.map((j) => NAMES[j]).join()}${kinds ? ',kind' : ''}\n${rows
    .map((row) => `${order.map((j) => row[j]).join()}${kinds ? `,${kindOf(row)}` : ''}`)
    .join('\n')}\n`;
const [train, fresh] = [rowsOf(60), rowsOf(7)];
file('train.csv', csv(train));
file('fresh.csv', csv(fresh, [0, 1, 2, 3, 4], false));
// Columns in another order, one more, and a row with a gap.
file(
  'turned.csv',
  `e,extra,d,c,b,a\n${fresh.map(([a, b, c, d, e], i) => (i === 2 ? `${e},x,${d},,${b},${a}` : `${e},x,${d},${c},${b},${a}`)).join('\n')}\n`,
);
file('short.csv', csv(fresh, [0, 1, 2, 3], false));

const deviation = (j: number) => {
  const mean = train.reduce((s, row) => s + row[j] / train.length, 0);
  return Math.sqrt(train.reduce((s, row) => s + (row[j] - mean) ** 2 / train.length, 0));
};
const close = (found: unknown, expected: number, digits: number) =>
  expect(found as number).toBeCloseTo(expected, digits);

/** What a fit gives of its rows, and what its model says of the same ones, of new ones, however these come. */
async function bothWays(fit: readonly string[], name: string, gapIn: (title: string) => boolean = () => true) {
  const { out, code } = await here([...fit, '--save', name, '--json']);
  // Supervised dictionaries take many steps.
  expect([0, 3]).toContain(code);
  const document = JSON.parse(out);
  expect(document.saved).toMatch(name);
  const [own, again] = [await json('predict', name, 'train.csv'), await json('predict', name, 'train.csv')];
  expect(again.columns).toEqual(own.columns);
  const found = await json('predict', name, 'fresh.csv');
  const turned = await json('predict', name, 'turned.csv');
  for (const [title, values] of Object.entries(found.columns as Columns)) {
    values.forEach((v, i) => {
      const other = turned.columns[title][i];
      if (i === 2 && gapIn(title)) expect(other).toBeNull();
      else if (typeof v !== 'number') expect(other).toBe(v);
      // To rounding, where rows are solved together.
      else expect(Math.abs(other - v)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(v)));
    });
  }
  expect([found.predicted, turned.predicted]).toEqual([7, Object.keys(found.columns).every(gapIn) ? 6 : 7]);
  expect((await here(['predict', name, 'short.csv'])).err.replace(/\s+/g, ' ')).toMatch(/lacks the column 'e'/);
  return { document, own: own.columns as Columns, found: found.columns as Columns };
}

describe('decompositions', () => {
  const options = ['train.csv', '-k', '2', '--drop', 'kind'];
  const compare = (own: Columns, scores: readonly number[][], digits: number) =>
    scores.forEach((column, a) => {
      column.forEach((v, i) => {
        close(own[`component_${a + 1}`][i], v, digits);
      });
    });

  test.each([[['--center']], [[]], [['--center', '--standardize']]])('svd %j: scores are projections', async (more) => {
    const { document, own, found } = await bothWays(['factor', 'svd', ...options, ...more], 'svd.json');
    compare(own, document.scores, 7);
    const scale = (j: number) => (more.includes('--standardize') ? deviation(j) : 1);
    const mean = (j: number) =>
      more.includes('--center') ? train.reduce((s, row) => s + row[j] / scale(j) / train.length, 0) : 0;
    fresh.forEach((row, i) => {
      const x = row.map((v, j) => v / scale(j) - mean(j));
      const scores = document.loadings.map((w: number[]) => w.reduce((s, v, j) => s + v * x[j], 0));
      scores.forEach((v: number, a: number) => {
        close(found[`component_${a + 1}`][i], v, 9);
      });
      const back = x.map((_, j) =>
        scores.reduce((s: number, v: number, a: number) => s + v * document.loadings[a][j], 0),
      );
      close(found.residual[i], Math.hypot(...x.map((v, j) => v - back[j])), 9);
    });
  });

  test('sparse components: scores are a ridge regression', async () => {
    const args = ['factor', 'sparse-pca', ...options, '--ridge', '0.5'];
    const { document, own, found } = await bothWays(args, 'sparse.json');
    compare(own, document.scores, 9);
    const [u, w] = document.loadings as number[][];
    const dot = (x: readonly number[], y: readonly number[]) => x.reduce((s, v, j) => s + v * y[j], 0);
    const [uu, uw, ww] = [dot(u, u) + 0.5, dot(u, w), dot(w, w) + 0.5];
    fresh.forEach((row, i) => {
      const x = row.map((v, j) => v - train.reduce((s, r) => s + r[j] / train.length, 0));
      close(found.component_1[i], (ww * dot(u, x) - uw * dot(w, x)) / (uu * ww - uw * uw), 9);
    });
  });

  test.each([[[]], [['--alpha', '0.01', '--l1-ratio', '0.3']], [['--loss', 'kullback-leibler']]])(
    'nmf %j: codes at or above zero that nothing betters',
    async (more) => {
      const args = ['factor', 'nmf', ...options, ...more, '--tol', '1e-9', '--max-iter', '20000'];
      const { document, own, found } = await bothWays(args, 'nmf.json');
      compare(own, document.scores, more.includes('kullback-leibler') ? 3 : 5);
      const H = document.loadings as number[][];
      const penalty = more.includes('0.01') ? { l1: 0.01 * 0.3 * 5, l2: 0.01 * 0.7 * 5 } : { l1: 0, l2: 0 };
      fresh.forEach((row, i) => {
        const code = H.map((_, a) => found[`component_${a + 1}`][i] as number);
        const back = row.map((_, j) => code.reduce((s, v, a) => s + v * H[a][j], 0));
        H.forEach((h, a) => {
          const slope = more.includes('kullback-leibler')
            ? h.reduce((s, v, j) => s + v * (1 - row[j] / back[j]), 0)
            : h.reduce((s, v, j) => s + v * (back[j] - row[j]), 0) + penalty.l1 + penalty.l2 * code[a];
          expect(code[a]).toBeGreaterThanOrEqual(0);
          const size = h.reduce((s, v) => s + v, 0);
          if (code[a] > 1e-9) expect(Math.abs(slope)).toBeLessThan(1e-4 * size);
          else expect(slope).toBeGreaterThan(-1e-4 * size);
        });
      });
    },
  );
});

describe('dictionaries', () => {
  const options = ['factor', 'dictionary', 'train.csv', '-k', '3', '--drop', 'kind'];
  const compare = (own: Columns, codes: readonly number[][], digits: number) =>
    codes.forEach((code, i) => {
      code.forEach((v, k) => {
        close(own[`atom_${k + 1}`][i], v, digits);
      });
    });

  test.each([[[]], [['--non-negative']], [['--method', 'online']]])(
    '%j: codes solve the lasso of the fit',
    async (more) => {
      const { document, own, found } = await bothWays([...options, ...more], 'atoms.json');
      compare(own, document.codes, 12);
      const { atoms, alpha } = document as { atoms: number[][]; alpha: number };
      fresh.forEach((row, i) => {
        const code = atoms.map((_, k) => found[`atom_${k + 1}`][i] as number);
        const left = row.map((v, j) => v - code.reduce((s, c, k) => s + c * atoms[k][j], 0));
        atoms.forEach((atom, k) => {
          const pull = atom.reduce((s, v, j) => s + v * left[j], 0);
          if (code[k] !== 0) close(pull, Math.sign(code[k]) * alpha, 6);
          else expect(more.includes('--non-negative') ? pull : Math.abs(pull)).toBeLessThan(alpha + 1e-6);
        });
        close(found.residual[i], Math.hypot(...left), 9);
      });
    },
  );

  test('orthogonal and whitened', async () => {
    const args = ['factor', 'dictionary', 'train.csv', '--drop', 'kind', '--method', 'orthogonal', '--whiten'];
    const { document, own, found } = await bothWays([...args, '--sparsity', '2'], 'rotation.json');
    compare(own, document.codes, 12);
    fresh.forEach((_, i) => {
      expect(document.atoms.filter((__: unknown, k: number) => found[`atom_${k + 1}`][i] !== 0)).toHaveLength(2);
    });
  });

  test('supervised: codes, labels, their probabilities and how often they are right', async () => {
    const args = ['factor', 'dictionary', 'train.csv', '-k', '2', '--method', 'supervised', '--target', 'kind'];
    const { document, own, found } = await bothWays([...args, '--covariates', 'e'], 'labels.json');
    expect(own.predicted_kind).toEqual(document.supervised.predicted);
    expect(found.predicted_kind).toHaveLength(7);
    const proba = await json('predict', 'labels.json', 'train.csv', '--proba');
    expect(proba.score).toMatchObject({ name: 'accuracy', rows: 60 });
    close(proba.score.value, document.supervised.accuracy, 12);
    const { classes, coefficients, auxiliary, threshold } = document.supervised;
    train.forEach((row, i) => {
      const x = row.slice(0, 4);
      const activation = document.atoms.reduce(
        (s: number, atom: number[], k: number) => s + coefficients[0][k] * atom.reduce((t, v, j) => t + v * x[j], 0),
        auxiliary[0][0] + auxiliary[0][1] * row[4],
      );
      const p = 1 / (1 + Math.exp(-activation));
      close(proba.columns[`probability_${classes[1]}`][i], p, 9);
      expect(own.predicted_kind[i]).toBe(classes[p >= threshold ? 1 : 0]);
    });
    await here([...options, '--save', 'plain.json']);
    expect((await here(['predict', 'plain.json', 'train.csv', '--proba'])).err).toMatch(/supervised dictionary/);
  });
});

describe('canonical variates', () => {
  const options = ['factor', 'cca', 'train.csv', '--x', 'a,b,c', '--y', 'd,e'];
  test.each([
    [['-k', '2']],
    [['--standardize', '-k', '2']],
    [['--ridge', '1']],
    [['--method', 'stochastic']],
    [['--method', 'stochastic', '--stream', '--missing', 'drop-rows']],
  ])('%j: scores of both views', async (more) => {
    const { document, own, found } = await bothWays([...options, ...more], 'cca.json', (title) =>
      title.startsWith('x'),
    );
    const digits = more.includes('--stream') ? 9 : 12;
    document.scores.forEach((side: number[][], v: number) => {
      side.forEach((column, c) => {
        column.forEach((z, i) => {
          close(own[`${'xy'[v]}_${c + 1}`][i], z, digits);
        });
        // Weights in the units of the data tell scores but for a constant.
        const w = document.weights[v][c] as number[];
        const raw = (row: readonly number[]) => w.reduce((s, a, j) => s + a * row[v === 0 ? j : 3 + j], 0);
        const offset = column[0] - raw(train[0]);
        fresh.forEach((row, i) => {
          close(found[`${'xy'[v]}_${c + 1}`][i], raw(row) + offset, 8);
        });
      });
    });
  });

  test('a table of one view has the scores of that alone; views that share names cannot be told apart', async () => {
    await here([...options, '--save', 'cca.json']);
    file('left.csv', csv(fresh, [2, 0, 1], false));
    const r = await json('predict', 'cca.json', 'left.csv');
    expect(Object.keys(r.columns)).toEqual(['x_1']);
    expect(r.notes).toEqual([expect.stringMatching(/no column of the second view/)]);
    file('half.csv', csv(fresh, [0, 1, 2, 3], false));
    expect((await here(['predict', 'cca.json', 'half.csv'])).err).toMatch(/lacks the column 'e'/);
    file('same.csv', csv(train, [0, 1], false));
    file('other.csv', csv(train, [1, 2], false));
    await here(['factor', 'cca', 'same.csv', 'other.csv', '--save', 'shared.json']);
    expect((await here(['predict', 'shared.json', 'left.csv'])).err.replace(/\s+/g, ' ')).toMatch(
      /Both views have a column 'b'/,
    );
  });
});

describe('clusters', () => {
  const options = ['cluster', 'train.csv', '-k', '3', '--drop', 'kind'];
  test.each([[[]], [['--standardize']]])('k-means %j: the nearest mean', async (more) => {
    const { document, own, found } = await bothWays([...options, ...more], 'means.json');
    expect(own.cluster).toEqual(document.columns.cluster);
    const scale = (j: number) => (more.includes('--standardize') ? deviation(j) : 1);
    fresh.forEach((row, i) => {
      const distances = document.prototypes.map((p: number[]) =>
        Math.hypot(...p.map((v, j) => (v - row[j]) / scale(j))),
      );
      expect(found.cluster[i]).toBe(distances.indexOf(Math.min(...distances)));
    });
    expect((await here(['predict', 'means.json', 'fresh.csv', '--proba'])).err).toMatch(/--proba needs a mixture/);
  });

  test.each(['full', 'tied', 'diagonal', 'spherical'])('mixtures: %s', async (covariance) => {
    const args = [...options, '--method', 'mixture', '--covariance', covariance, '--standardize'];
    const { document, own } = await bothWays(args, 'mixture.json');
    expect(own.cluster).toEqual(document.columns.cluster);
    document.columns.probability.forEach((p: number, i: number) => {
      close(own.probability[i], p, 8);
    });
    const { columns } = await json('predict', 'mixture.json', 'fresh.csv', '--proba');
    fresh.forEach((_, i) => {
      close(
        [0, 1, 2].reduce((s, c) => s + columns[`probability_${c}`][i], 0),
        1,
        12,
      );
    });
  });

  test('labels name the clusters; what has none for new rows says so before it begins', async () => {
    await here(['cluster', 'train.csv', '--labels', 'kind', '--save', 'named.json']);
    const { columns } = await json('predict', 'named.json', 'fresh.csv');
    expect(new Set(columns.cluster)).toEqual(new Set(['long', 'wide']));
    for (const method of ['spectral', 'laplacian', 'modes', 'mean-shift']) {
      const { code, err } = await here([...options, '--method', method, '--save', 'none.json']);
      expect([code, err.replace(/\s+/g, ' ')]).toEqual([
        2,
        expect.stringMatching(`--save cannot be combined with --method ${method}, only with kmeans, mixture`),
      ]);
    }
  });

  test('files that are no models of their kind', async () => {
    await here([...options, '--save', 'means.json']);
    const model = saved('means.json');
    file('fewer.json', JSON.stringify({ ...model, prototypes: model.prototypes.slice(1) }));
    file('words.json', JSON.stringify({ ...model, prototypes: 'none' }));
    expect((await here(['predict', 'fewer.json', 'fresh.csv'])).err).toMatch(/sizes of its parts do not match/);
    expect((await here(['predict', 'words.json', 'fresh.csv'])).err.replace(/\s+/g, ' ')).toMatch(
      /its field prototypes does not match/,
    );
  });
});

describe('fields that hold values of options', () => {
  file('pairs.csv', `row,col,value\n${fresh.flatMap((row, i) => row.map((v, j) => `r${i},c${j},${v}`)).join('\n')}\n`);
  const table = ['train.csv', '--drop', 'kind'];
  const fewSteps = ['--lengthscale', '0.5', '--centre', 'no', '--sweeps', '2', '--starts', '1'];
  const linear = ['fit', ...table, '--target', 'e', '--path', '--alphas', '1,0.1'];

  test.each<[family: string, args: readonly string[], change: (model: never) => object, sentence: string]>([
    [
      'linear models',
      linear,
      (m: object) => ({ ...m, alpha: -1 }),
      'its alpha must be finite and at least 0, but is -1.',
    ],
    [
      'paths',
      linear,
      ({ extra, ...m }: { extra: object }) => ({ ...m, extra: { ...extra, path: { points: [{ alpha: 'x' }] } } }),
      'alpha of a point of its path must be finite and at least 0, but is x.',
    ],
    [
      'relaxed models',
      ['fit', ...table, '--target', 'e', '--relax', '--alpha', '0.01'],
      ({ relaxed, ...m }: { relaxed: object }) => ({ ...m, relaxed: { ...relaxed, gamma: 1.5 } }),
      'gamma of relaxed is not between 0 and 1',
    ],
    [
      'isotonic regression',
      ['isotonic', 'train.csv', '--target', 'b', '--features', 'a'],
      (m: object) => ({ ...m, outOfBounds: 'guess' }),
      'there is no outOfBounds guess',
    ],
    [
      'non-negative factors',
      ['factor', 'nmf', ...table, '-k', '2', '--alpha', '0.01'],
      ({ scoring, ...m }: { scoring: object }) => ({ ...m, scoring: { ...scoring, alpha: -1 } }),
      'its field scoring.alpha must be finite and at least 0, but is -1.',
    ],
    [
      'sparse components',
      ['factor', 'sparse-pca', ...table, '-k', '2'],
      ({ scoring, ...m }: { scoring: object }) => ({ ...m, scoring: { ...scoring, ridge: -1 } }),
      'its field scoring.ridge must be finite and at least 0, but is -1.',
    ],
    [
      'dictionaries',
      ['factor', 'dictionary', ...table, '-k', '2'],
      ({ coding, ...m }: { coding: object }) => ({ ...m, coding: { ...coding, alpha: -1 } }),
      'its field coding.alpha must be finite and at least 0, but is -1.',
    ],
    [
      'orthogonal dictionaries',
      ['factor', 'dictionary', ...table, '--method', 'orthogonal'],
      ({ coding, ...m }: { coding: object }) => ({ ...m, coding: { ...coding, sparsity: 0.5 } }),
      'its field coding.sparsity must be a whole number of at least 0, but is 0.5.',
    ],
    [
      'completions',
      ['factor', 'complete', 'pairs.csv', '--rank', '1', '--lambda', '0.1'],
      (m: object) => ({ ...m, method: 'guess' }),
      'its field method must be one of robust, als, soft-impute, svt, but is guess.',
    ],
    [
      'recommendations',
      ['factor', 'recommend', 'pairs.csv', '--rank', '1', '--lambda', '1'],
      (m: object) => ({ ...m, lambda: 0 }),
      'its field lambda must be finite and above 0, but is 0.',
    ],
    [
      'functional tensors',
      ['factor', 'functional', 'train.csv', '--axes', 'a,b', '--target', 'c', '--rank', '1', ...fewSteps],
      ({ parts, ...m }: { parts: object }) => ({ ...m, parts: { ...parts, kernel: 'cubic' } }),
      'its field parts.kernel must be one of ',
    ],
  ])('%s: a value outside of the range of its option is refused by name', async (_, args, change, sentence) => {
    await here([...args, '--save', 'good.json', '-q']);
    const good = saved('good.json');
    file('bad.json', JSON.stringify(change(good as never)));
    const { code, err } = await here(['predict', 'bad.json', 'train.csv']);
    expect([code, err.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(sentence)]);
    // The file itself does, as one of an earlier release.
    file('same.json', JSON.stringify(good));
    expect(
      (await here(['predict', 'same.json', args.includes('pairs.csv') ? 'pairs.csv' : 'train.csv'])).err,
    ).not.toMatch(/field|not a southwell model/);
  });
});
