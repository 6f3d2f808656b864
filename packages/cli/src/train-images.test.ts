import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { answering, workshop } from './testing.ts';

const { at, file, here } = workshop();
const { told, said } = answering(here, 'train');
const ran = async (...args: string[]) => {
  const { code, out, err } = await here(args);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return JSON.parse(out);
};

// A bar upright or lying, at a random place of 8 × 8 pixels.
const random = new Random(7);
const bars = Array.from({ length: 240 }, (_, i) => {
  const [place, upright] = [Math.floor(8 * random.uniform()), i % 2 === 0];
  const pixels = Uint8Array.from({ length: 64 }, (__, p) => {
    const lit = (upright ? p % 8 : Math.floor(p / 8)) === place;
    return Math.round((lit ? 150 : 0) + 100 * random.uniform());
  });
  return { upright, pixels };
});
const header = (...shape: number[]) => {
  const bytes = Buffer.alloc(4 + 4 * shape.length);
  bytes.set([0, 0, 8, shape.length]);
  for (const [k, n] of shape.entries()) bytes.writeUInt32BE(n, 4 + 4 * k);
  return bytes;
};
const images = Buffer.concat([header(240, 8, 8), ...bars.map(({ pixels }) => pixels)]);
writeFileSync(at('bars-idx3-ubyte'), images);
writeFileSync(
  at('kinds-idx1-ubyte.gz'),
  gzipSync(Buffer.concat([header(240), Uint8Array.from(bars, ({ upright }) => (upright ? 7 : 2))])),
);
const idx = [at('bars-idx3-ubyte'), '--labels', at('kinds-idx1-ubyte.gz')];
const how = ['--filters', '8', '--rate', '0.01', '--epochs', '12'];

/** Every bit of a CRC by its polynomial. */
function crc(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return (c ^ 0xffffffff) >>> 0;
}
/** A PNG without filters: grey, or red, green and blue. */
function png(width: number, height: number, samples: Uint8Array, colour = false): Buffer {
  const chunk = (name: string, data: Uint8Array) => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(name, 4, 'latin1');
    out.set(data, 8);
    out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colour ? 2 : 0], 8);
  const line = width * (colour ? 3 : 1);
  const raw = Array.from({ length: height }, (_, i) => [0, ...samples.subarray(i * line, (i + 1) * line)]).flat();
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Uint8Array.from(raw))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}
const put = (path: string, bytes: Uint8Array | string) => {
  mkdirSync(at(join(path, '..')), { recursive: true });
  writeFileSync(at(path), bytes);
};
for (const [i, { upright, pixels }] of bars.entries()) {
  put(`bars/${upright ? 'up' : 'flat'}/${String(i).padStart(3, '0')}.png`, png(8, 8, pixels));
}
put('bars/up/notes.txt', 'how they were made');

test('idx with labels of another file: convolutions without being told the size, worst mistakes as pictures', async () => {
  const found = await told(
    ...idx,
    ...how,
    '--shift',
    '1',
    '--flip',
    '--save',
    at('idx.json'),
    '--report',
    at('idx.html'),
  );
  expect(found.data).toMatchObject({
    rows: 240,
    features: 64,
    target: 'label',
    classes: [
      { label: '2', rows: 120 },
      { label: '7', rows: 120 },
    ],
  });
  expect(found.network.layers).toBe('8 filters of 3 × 3, 128 → 64 → 2, relu');
  expect(found.score.value).toBeGreaterThan(0.95);
  const { columns, score } = await ran('predict', 'idx.json', ...idx, '--json');
  const right = columns.prediction.filter((label: string, i: number) => (label === '7') === bars[i].upright).length;
  expect(score).toEqual({ name: 'accuracy', value: right / 240, rows: 240 });
  expect(right / 240).toBeGreaterThan(0.95);
  // Nothing is learned from a single pass: there are mistakes to show.
  await told(...idx, '--epochs', '1', '--rate', '1e-9', '--report', at('bad.html'));
  const page = readFileSync(at('bad.html'), 'utf8');
  const [, pictures] = page.split('Images with the worst predictions');
  const [, png] =
    /<figure[^>]*><svg [^>]*aria-label="row \d+: [27], predicted [27]"[^>]*><image [^>]*href="data:image\/png;base64,([^"]+)"/.exec(
      pictures,
    )!;
  // Height and width of the image, from its header.
  const header = Buffer.from(png, 'base64');
  expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([8, 8]);
  expect(pictures).toMatch(/<figcaption>row \d+: [27], predicted [27]<\/figcaption>/);
});

test('folders of pictures: classes by their names, new pictures by theirs', async () => {
  const found = await told(at('bars'), ...how, '--save', at('folder.json'), '--out', at('own.csv'));
  expect(found.data).toMatchObject({
    rows: 240,
    target: 'label',
    classes: [
      { label: 'flat', rows: 120 },
      { label: 'up', rows: 120 },
    ],
  });
  expect(found.data.notes).toEqual(['1 file left out that are not pictures: up/notes.txt']);
  expect(found.score.value).toBeGreaterThan(0.95);
  expect(readFileSync(at('own.csv'), 'utf8')).toMatch(
    /^file,prediction,probability_flat,probability_up\nflat\/001\.png,flat,/,
  );
  const again = await ran('predict', 'folder.json', at('bars'), '--json');
  expect([again.score.name, again.score.rows]).toEqual(['accuracy', 240]);
  // Without labels, and a single one.
  for (const i of [0, 1, 2]) put(`new/${i}.png`, png(8, 8, bars[i].pixels));
  const fresh = await ran('predict', 'folder.json', at('new'), '--json');
  expect(fresh.columns.file).toEqual(['0.png', '1.png', '2.png']);
  const one = await ran('predict', 'folder.json', at('new/1.png'), '--json');
  expect(one.columns.prediction).toEqual([fresh.columns.prediction[1]]);
  const on = await told(at('bars'), '--from', 'folder.json', '--epochs', '1', '--rate', '1e-12');
  expect(on.score.value).toBe(found.score.value);
});

test('colours, and pictures of other sizes than the network takes', async () => {
  const colour = (r: number, g: number, b: number, size = 4) =>
    png(
      size,
      size,
      Uint8Array.from({ length: 3 * size * size }, (_, k) =>
        Math.min(255, [r, g, b][k % 3] + Math.floor(60 * random.uniform())),
      ),
      true,
    );
  for (let i = 0; i < 30; i++) {
    put(`colours/red/${i}.png`, colour(150, 0, 0, 4 + (i % 3)));
    put(`colours/blue/${i}.png`, colour(0, 0, 150, 5));
  }
  expect(await said(at('colours'), '--epochs', '1')).toMatch(
    /colours\/red\/0\.png is 4 × 4 pixels \(height × width\), but colours\/blue\/0\.png 5 × 5: --resize 5x5 gives all the same size/,
  );
  const found = await told(
    at('colours'),
    '--resize',
    '6x6',
    '--filters',
    '4',
    '--rate',
    '0.01',
    '--epochs',
    '10',
    '--save',
    at('colours.json'),
  );
  expect(found.data.features).toBe(6 * 6 * 3);
  expect(found.score.value).toBe(1);
  // New ones are given that size, too; grey ones are of equal parts.
  put('more/1.png', colour(150, 0, 0, 9));
  put('more/2.png', colour(0, 0, 150, 3));
  const { columns } = await ran('predict', 'colours.json', at('more'), '--json');
  expect(columns.prediction).toEqual(['red', 'blue']);
  expect((await ran('predict', 'colours.json', at('new'), '--json')).predicted).toBe(3);
  await told(...idx, '--epochs', '1', '--save', at('grey.json'));
  expect((await here(['predict', 'grey.json', at('more/1.png')])).err.replaceAll(/\s+/g, ' ')).toMatch(
    /1\.png has images of 9 × 9 with 3 channels, but the network takes 8 × 8 without colour/,
  );
});

test('what is wrong is told', async () => {
  expect(await said(at('bars-idx3-ubyte'))).toMatch(/contains images without labels: give --labels FILE/);
  file('few.csv', 'kind\na\nb\n');
  expect(await said(at('bars-idx3-ubyte'), '--labels', at('few.csv'))).toMatch(
    /--labels: few\.csv has 2 rows, but bars-idx3-ubyte 240 rows/,
  );
  file('wide.csv', 'a,b\n1,2\n');
  expect(await said(at('bars-idx3-ubyte'), '--labels', at('wide.csv'))).toMatch(
    /--labels: wide\.csv has 2 columns, but must have one/,
  );
  expect(await said(...idx, '--image', '8x9')).toMatch(/--image 8x9 is 72 pixels, but bars-idx3-ubyte has 64 columns/);
  expect(await said(...idx, '--resize', 'big')).toMatch(/--resize takes height and width, such as 32x32, not 'big'/);
  put('bad/x/1.png', 'no picture');
  expect(await said(at('bad'))).toMatch(/bad\/x\/1\.png is neither PNG nor JPEG/);
  writeFileSync(at('short-idx3-ubyte'), images.subarray(0, 1000));
  expect(await said(at('short-idx3-ubyte'), '--labels', at('few.csv'))).toMatch(
    /its header declares 240 × 8 × 8, 15376 bytes in all, but it ends after 1000/,
  );
  const { out } = await here(['inspect', at('bars-idx3-ubyte')]);
  expect(out).toMatch(/240 rows, 64 columns/);
});
