// node scripts/samples.mjs, after a build: writes the made samples of packages/data/sets, which the docs and the examples
// in help use: a matrix and a load, two clouds, an array of measured spectra, a potential on a grid, plays of songs, the
// gradient norms of a training run, the payoffs of a game, the links of a network, answer times of workers, three models with
// constraints and a network for digits. All derive from seeds and formulas, so that a second run writes the same bytes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { programFamilies, writeNl } from '@southwell/data';
import { loadBundled } from '@southwell/data/node';
import { Random } from '@southwell/numerics/core';
import { barbellGraph, gilbertElliott } from 'southwell/distributed-methods';

const put = (name, bytes) =>
  writeFileSync(
    fileURLToPath(new URL(`../packages/data/sets/${name}.gz`, import.meta.url)),
    gzipSync(bytes, { level: 9 }),
  );
const lines = (rows) => `${rows.map((row) => row.join(',')).join('\n')}\n`;

/** The five-point Laplacian on an n × n grid of a square that is held at its edge, and a load on a part of it. */
function poisson(n) {
  const entries = [];
  for (let i = 0; i < n * n; i++) {
    entries.push(`${i + 1} ${i + 1} 4`);
    if (i % n > 0) entries.push(`${i + 1} ${i} -1`);
    if (i >= n) entries.push(`${i + 1} ${i - n + 1} -1`);
  }
  put(
    'poisson.mtx',
    `%%MatrixMarket matrix coordinate real symmetric\n${n * n} ${n * n} ${entries.length}\n${entries.join('\n')}\n`,
  );
  const loaded = (i) => (Math.abs((i % n) - n / 3) < n / 8 && Math.abs(Math.floor(i / n) - n / 2) < n / 5 ? 1 : 0);
  put('load.csv', lines([['b'], ...Array.from({ length: n * n }, (_, i) => [loaded(i)])]));
}

/** Points on the walls, the floor and a box of a room, as two scanners see them, with errors of 4 mm. */
function rooms(count) {
  const ply = (points) =>
    `ply\nformat ascii 1.0\nelement vertex ${points.length}\nproperty float x\nproperty float y\nproperty float z\nend_header\n${points.map((p) => p.map((v) => v.toFixed(3)).join(' ')).join('\n')}\n`;
  const scan = (seed, angle, shift) => {
    const random = new Random(seed);
    const point = () => {
      const [u, v, face] = [random.uniform(), random.uniform(), Math.floor(random.uniform() * 5)];
      return [
        [4 * u, 3 * v, 0],
        [4 * u, 0, 2.5 * v],
        [0, 3 * u, 2.5 * v],
        [1.5 + 0.8 * u, 1.2 + 0.6 * v, 0.9],
        [1.5 + 0.8 * u, 1.2, 0.9 * v],
      ][face];
    };
    return Array.from({ length: count }, () => {
      const [x, y, z] = point().map((value) => value + 0.004 * random.normal());
      return [
        Math.cos(angle) * x - Math.sin(angle) * y + shift[0],
        Math.sin(angle) * x + Math.cos(angle) * y + shift[1],
        z + shift[2],
      ];
    });
  };
  put('room-1.ply', ply(scan(1, 0, [0, 0, 0])));
  put('room-2.ply', ply(scan(2, 0.35, [0.6, -0.4, 0.1])));
}

/** An array of doubles as .npy, in C order. */
function npy(shape, value) {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, (_, at) => {
    const index = [];
    for (const size of shape.toReversed()) {
      index.unshift(at % size);
      at = Math.floor(at / size);
    }
    return value(...index);
  });
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  return Buffer.concat([head, Buffer.from(`${text.padEnd(length - 1)}\n`), Buffer.from(values.buffer)]);
}

/** Three compounds in ten mixtures: excitation and emission spectra are bells, with noise of one per cent. */
function spectra() {
  const random = new Random(3);
  const bell = (at, centre, width) => Math.exp(-(((at - centre) / width) ** 2));
  const amounts = Array.from({ length: 10 }, () => [random.uniform(), random.uniform(), random.uniform()]);
  const compounds = [
    [4, 2.5, 6, 3],
    [8, 3, 13, 4],
    [12, 2, 19, 3],
  ];
  const value = (sample, excitation, emission) =>
    compounds.reduce(
      (sum, [a, b, c, d], k) => sum + amounts[sample][k] * bell(excitation, a, b) * bell(emission, c, d),
      0.01 * random.normal(),
    );
  put(
    'spectra.npy',
    npy([10, 16, 24], (...index) => Math.round(1e4 * value(...index)) / 1e4),
  );
}

/** The potential of two charges outside a cube, on a grid of it. */
function potential(n) {
  const at = (k) => -1 + (2 * k) / (n - 1);
  const value = (x, y, z) => 1 / Math.hypot(x - 1.5, y - 1.2, z - 1.4) - 0.5 / Math.hypot(x + 1.6, y, z + 1.3);
  put(
    'potential.npy',
    npy([n, n, n], (i, j, k) => value(at(i), at(j), at(k))),
  );
}

/** How often 80 listeners played 60 songs: each listener prefers one of four styles. */
function plays() {
  const random = new Random(4);
  const rows = [];
  for (let user = 1; user <= 80; user++)
    for (let song = 1; song <= 60; song++) {
      const liked = song % 4 === user % 4;
      if (random.uniform() < (liked ? 0.5 : 0.06))
        rows.push([`u${user}`, `s${song}`, 1 + Math.floor(random.uniform() ** 3 * (liked ? 30 : 4))]);
    }
  put('plays.csv', lines([['user', 'song', 'plays'], ...rows]));
}

/** Answers of 20 000 people: income in thousands rises with years of school and, to the age of fifty, with age. */
function survey(people) {
  const random = new Random(6);
  const rows = Array.from({ length: people }, () => {
    const age = 18 + Math.floor(60 * random.uniform());
    const years = Math.round(Math.min(20, Math.max(6, 12 + 3 * random.normal())));
    const income = Math.round(
      Math.max(0, 30 + 3.2 * (years - 12) + 0.4 * (Math.min(age, 50) - 40) + 12 * random.normal()),
    );
    return [age, years, income];
  });
  put('survey.csv', lines([['age', 'years', 'income'], ...rows]));
}

/** Gradient norms of softmax regression on the digits by stochastic gradients with a linearly decaying rate. */
async function norms(steps) {
  const { columns } = await loadBundled('digits');
  const labels = columns.find(({ name }) => name === 'digit').values;
  const pixels = columns.filter(({ name }) => name !== 'digit').map(({ values }) => values);
  const [classes, batch, width] = [10, 32, pixels.length];
  const random = new Random(5);
  const weights = new Float64Array(classes * width);
  const rows = [];
  for (let step = 0; step < steps; step++) {
    const gradient = new Float64Array(weights.length);
    for (let b = 0; b < batch; b++) {
      const i = Math.floor(random.uniform() * labels.length);
      const x = pixels.map((values) => values[i] / 16);
      const scores = Array.from({ length: classes }, (_, c) =>
        x.reduce((sum, v, j) => sum + v * weights[c * width + j], 0),
      );
      const top = Math.max(...scores);
      const exps = scores.map((s) => Math.exp(s - top));
      const total = exps.reduce((a, v) => a + v, 0);
      for (let c = 0; c < classes; c++) {
        const error = (exps[c] / total - (labels[i] === c ? 1 : 0)) / batch;
        for (let j = 0; j < width; j++) gradient[c * width + j] += error * x[j];
      }
    }
    for (let k = 0; k < weights.length; k++) weights[k] -= 0.5 * (1 - step / steps) * gradient[k];
    rows.push([step + 1, Math.hypot(...gradient).toPrecision(6)]);
  }
  put('norms.csv', lines([['step', 'norm'], ...rows]));
}

/** Two racks of machines, all connected within a rack, and one cable between the racks. */
function network(machines) {
  const name = (i) => `${i < machines / 2 ? 'a' : 'b'}${(i % (machines / 2)) + 1}`;
  const { from, to } = barbellGraph(machines);
  put('network.csv', lines([['from', 'to'], ...Array.from(from, (i, link) => [name(i), name(to[link])])]));
}

/** Seconds that workers took in rounds, of which some were slow for a round or two, a worker a row. */
function delays(n, rounds) {
  const seconds = gilbertElliott({ n, rounds, seed: 7 });
  const rows = Array.from({ length: n }, (_, i) => [
    `w${i + 1}`,
    ...Array.from(seconds.subarray(i * rounds, (i + 1) * rounds), (value) => value.toFixed(3)),
  ]);
  put('delays.csv', lines([['worker', ...Array.from({ length: rounds }, (_, r) => `round ${r + 1}`)], ...rows]));
}

/** What a workshop should make of its wood and hours, with an order that it has accepted. */
function workshop() {
  put(
    'workshop.lp',
    `Maximize
 profit: 18 chair + 45 table + 60 shelf + 9 stool
Subject To
 wood: 4 chair + 12 table + 18 shelf + 2 stool <= 480
 carpentry: 2 chair + 4 table + 3 shelf + stool <= 160
 paint: chair + 2 table + 4 shelf + 0.5 stool <= 90
 storage: 0.5 chair + 1.5 table + shelf + 0.2 stool <= 50
 order: table >= 6
Bounds
 stool <= 40
End
`,
  );
}

/** A lunch for a canteen, amounts in 100 g: its money does not buy the protein that is asked for. */
function canteen() {
  put(
    'canteen.lp',
    `Minimize
 co2: 0.09 lentils + 0.3 rice + 0.7 chicken + 0.05 salad
Subject To
 protein: 9 lentils + 3 rice + 27 chicken + 1.5 salad >= 40
 energy: 116 lentils + 130 rice + 165 chicken + 35 salad <= 700
 budget: 0.45 lentils + 0.3 rice + 1.6 chicken + 0.9 salad <= 2.2
 plate: lentils + rice + chicken + salad <= 5
Bounds
 salad >= 1
End
`,
  );
}

/** A small network for handwritten digits, trained on the bundled ones. */
function digits() {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-samples-'));
  const set = (name) => fileURLToPath(new URL(`../packages/data/sets/mnist-${name}.gz`, import.meta.url));
  const file = join(folder, 'digits.onnx');
  const command = fileURLToPath(new URL('../packages/cli/bin/southwell.mjs', import.meta.url));
  const options = '--filters 8,16 --hidden 32 --epochs 8'.split(' ');
  execFileSync(process.execPath, [
    ...[command, 'train', set('images.idx3'), '--labels', set('labels.idx1')],
    ...[...options, '--onnx', file],
  ]);
  put('digits.onnx', readFileSync(file));
  rmSync(folder, { recursive: true });
}

/** Colonel Blotto: fields won less fields lost by 5 soldiers against 6, divided among three fields. */
function blotto() {
  const divisions = (n) =>
    Array.from({ length: n + 1 }, (_, a) => Array.from({ length: n + 1 - a }, (_, b) => [n - a - b, b, a])).flat();
  const [five, six] = [divisions(5), divisions(6)];
  put(
    'blotto.csv',
    lines([
      ['', ...six.map((other) => other.join('-'))],
      ...five.map((own) => [
        own.join('-'),
        ...six.map((other) => own.reduce((sum, n, k) => sum + Math.sign(n - other[k]), 0)),
      ]),
    ]),
  );
}

digits();
blotto();
network(16);
delays(16, 40);
poisson(30);
workshop();
canteen();
put('chain.nl', writeNl(programFamilies.find(({ name }) => name === 'chain').make(40)).nl);
rooms(1500);
spectra();
potential(17);
plays();
survey(20_000);
await norms(800);
