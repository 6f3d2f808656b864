import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 8,
  slug: '08-glace',
  title: 'GLACE: Global Local Accelerated Coordinate Encoding',
  authors: 5,
  firstAuthors: ['Wang', 'Jiang', 'Galliani'],
  date: '2024-06',
  venue: 'CVPR 2024',
  arxiv: '2406.04340',
  code: 'https://github.com/cvg/glace',
  family: 'perception',
  methods: ['GLACE', 'ACE', 'scene coordinate regression', 'RANSAC', 'PnP'],
  summary:
    'To find where a camera stands, one may learn a network that maps image patches to points in the world and then solve for the pose. In large scenes many places look alike, and the network averages them. GLACE adds a descriptor of the whole image, blurred by noise during training so that images of one place share what they learn, and lets the output choose among several centres. We will build a street of look-alike blocks and test whether descriptor, noise and centres each help the coordinates and the pose.',
  formulas: [
    {
      tex: String.raw`g \leftarrow \frac{g + \sigma n}{\lVert g + \sigma n\rVert},\qquad n \sim \mathcal N(0, I)`,
      says: 'Fresh noise on the global descriptor at every training step makes images of one place interchangeable.',
    },
    {
      tex: String.raw`\min_\theta\; \sum \bigl\lVert \pi\bigl(K(R\,h_\theta(g, f) + t)\bigr) - p \bigr\rVert`,
      says: 'The only supervision is that the predicted point projects to its own pixel; depth must come from sharing points among images.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'A synthetic street with repeated blocks and given descriptors replaces photographs, the pretrained encoder and the retrieval network; head, losses, noise, decoder and pose solver are kept. The scene was adjusted while bars were set, so fresh ones will judge, and a failure there is to be believed.',
  },
  claims: [
    {
      id: 'each-part-helps',
      sentence:
        'Global descriptor, noise during training and several output centres each lower the error of the coordinates among look-alike places.',
      quantity: 'median coordinate error on test images of each variant over the full one',
      bar: {
        quick: '2000 steps, one seed: the full variant has the least error and ≤ 0.5 × local only',
        full: '8000 steps, mean of two seeds: median ≤ 3 m with ≥ 28 % below 1 m; ≤ 0.5 × without noise, ≤ 0.5 × one centre, ≤ 0.2 × local only',
      },
    },
    {
      id: 'pose',
      sentence: 'The same order holds for the position of the camera.',
      quantity: 'median position error after RANSAC and PnP',
      bar: {
        quick: 'full variant ≤ local only',
        full: 'the order of the variants is that of their coordinate errors (not calibrated)',
      },
    },
  ],
};
