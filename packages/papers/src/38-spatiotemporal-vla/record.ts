import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 38,
  slug: '38-spatiotemporal-vla',
  title: '4D-VLA: Spatiotemporal Vision-Language-Action Pretraining with Cross-Scene Calibration',
  authors: 11,
  firstAuthors: ['Zhang', 'Chen', 'Xu'],
  date: '2025-06',
  venue: 'NeurIPS 2025',
  arxiv: '2506.22242',
  code: 'https://github.com/LogosRoboticsGroup/4D-VLA',
  family: 'perception',
  methods: ['4D-VLA', 'OpenVLA', 'memory bank sampling', 'imitation learning', 'vision-language-action model'],
  summary:
    "A robot that learns from demonstrations filmed by many cameras faces two puzzles: it does not know where the camera stands, and one picture does not tell how far the task has gone. This work gives each image patch its position in the robot's own coordinates, from depth, and adds a few past frames chosen because they differ from one another. Both make the same picture mean the same action. We will train a small transformer on a drawn tabletop with hidden base, and test new viewpoints and a task that needs memory.",
  formulas: [
    {
      tex: String.raw`P_w(u, v) = R\,D(u, v)\,K^{-1}[u, v, 1]^\top + T`,
      says: "Depth and camera pose give every pixel its place in the robot's frame.",
    },
    {
      tex: String.raw`e_{ST} = \operatorname{MLP}\bigl(E_V + E_S(P_w)\bigr)`,
      says: 'An encoding of that place is added to the visual feature of each patch.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'A small transformer and a kinematic tabletop with a software renderer replace a model of four billion parameters and DROID, LIBERO and a real robot; bars are targets that no run has calibrated.',
  },
  claims: [
    {
      id: 'new-views',
      sentence: "Coordinates in the robot's frame carry over to viewpoints never seen.",
      quantity: 'success of picking from new views, with and without coordinates',
      bar: {
        quick: 'stored weights, 20 episodes: ≥ +15 points',
        full: '200 episodes: ≥ 70 % and ≥ +30 points; seen views ≥ +15',
      },
    },
    {
      id: 'view-range',
      sentence: 'The wider the range of cameras, the more they matter.',
      quantity: 'fall of success from one azimuth to a range of 135°',
      bar: { quick: 'larger without coordinates than with', full: '≥ 40 points without, ≤ 20 with' },
    },
    {
      id: 'memory',
      sentence: 'A few well-chosen past frames solve a task whose phase cannot be seen.',
      quantity: 'success of the touch sequence against a single frame, uniform frames and all frames',
      bar: {
        quick: '20 episodes: ≥ +15 points over one frame',
        full: '≥ +30 points over one frame, ≥ uniform, within 5 points of all 20 frames at ≤ 30 % of their tokens',
      },
    },
  ],
};
