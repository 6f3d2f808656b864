import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 19,
  slug: '19-parallel-vertex-diffusion',
  title: 'Parallel Vertex Diffusion for Unified Visual Grounding',
  authors: 7,
  firstAuthors: ['Cheng', 'Li', 'Jin'],
  date: '2023-03',
  venue: 'AAAI 2024',
  arxiv: '2303.07216',
  family: 'perception',
  methods: ['PVD', 'diffusion model', 'DDIM', 'SeqTR', 'visual grounding'],
  summary:
    'Told “the red star on the left”, a model should return the box and the outline of that object. Earlier unified models write the outline vertex by vertex, which is slow, cannot take a vertex back and worsens with finer outlines. Here all vertices are denoised at once by a diffusion model conditioned on image and phrase, as offsets from a predicted centre, with an extra loss on the angles of the outline. We will train a small version on drawn scenes and test the centre, the angle loss, and finer outlines against the sequential way.',
  formulas: [
    {
      tex: String.raw`u_i = \frac{v_i - c}{s}`,
      says: "Vertices are expressed relative to the object's centre, which removes most of their variance.",
    },
    {
      tex: String.raw`u_\tau = \sqrt{\bar\alpha_\tau}\,u_0 + \sqrt{1 - \bar\alpha_\tau}\,\epsilon,\qquad \epsilon \sim \mathcal N(0, I)`,
      says: 'Noise is added to all vertices together, and the network learns to take it away.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'Pretrained backbones and RefCOCO are replaced by a small network on rendered scenes; network sizes, schedules and loss norms are reconstructed, and the bars are targets that no run has calibrated.',
  },
  claims: [
    {
      id: 'grounds',
      sentence: 'The model finds the named object and its outline, and needs the words to do so.',
      quantity: 'box accuracy at IoU 0.5, mean mask IoU, and box accuracy with shuffled phrases',
      bar: {
        quick: 'short training on 1000 scenes: box ≥ 0.5; shuffled lower by ≥ 0.1',
        full: 'box ≥ 0.80, mask ≥ 0.65; shuffled ≤ 0.45',
      },
    },
    {
      id: 'centre-anchor',
      sentence: 'Offsets from the centre make the target calmer and the result better.',
      quantity: 'ratio of target variances without and with; difference in mask IoU',
      bar: { quick: '≥ 3, from the data', full: '≥ 3; IoU lower by ≥ 0.03 without' },
    },
    {
      id: 'angle-loss',
      sentence: 'The angle loss makes the shape of the outline more accurate.',
      quantity: 'mean angle error with over without; mask IoU',
      bar: { quick: '≤ 1', full: '≤ 0.9, IoU not lower' },
    },
    {
      id: 'finer-outlines',
      sentence: 'Finer outlines cost the parallel model little, the sequential one much.',
      quantity: 'mask IoU and time from 8 to 64 vertices',
      bar: {
        quick: 'time: sequential ≥ 4 times, parallel ≤ 3 times',
        full: 'parallel IoU falls ≤ 0.02, time ≤ 3 times; sequential time ≥ 6 times; parallel ≥ sequential at 64 on stars and blobs',
      },
    },
  ],
};
