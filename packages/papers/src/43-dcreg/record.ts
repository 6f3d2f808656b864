import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 43,
  slug: '43-dcreg',
  title: 'DCReg: Decoupled Characterization for Efficient Degenerate LiDAR Registration',
  authors: 6,
  firstAuthors: ['Hu', 'X. Chen', 'Jia'],
  date: '2025-09',
  venue: 'International Journal of Robotics Research (accepted 2026)',
  arxiv: '2509.06285',
  code: 'https://github.com/JokerJohn/DCReg',
  family: 'geometry',
  methods: ['DCReg', 'ICP', 'Schur complement', 'truncated SVD', 'X-ICP', 'preconditioned conjugate gradients'],
  summary:
    'Aligning two laser scans fails in corridors and round halls, since some motions leave the picture unchanged, and plain eigenvalues do not say which, because rotations and shifts are mixed and have different units. DCReg separates the two by Schur complements, names the weak motions as axes of the sensor, and damps only those through the preconditioner of a short conjugate-gradient solve. Strong motions stay untouched. We align a cylinder with a floor that the plane fit of the paper cannot see, follow noisy scans along a corridor, check whether exactly the free motions of tunnels and round halls are named, and compare with plain steps, a floor and the other remedies in three made-up scenes and a real pair of scans.',
  formulas: [
    {
      tex: String.raw`S_R = H_{RR} - H_{Rt}H_{tt}^{-1}H_{tR},\qquad S_t = H_{tt} - H_{tR}H_{RR}^{-1}H_{Rt}`,
      says: 'What the scan says of rotation once shifts are free, and the other way round.',
    },
    {
      tex: String.raw`\frac{\lambda_{\max}}{\lambda_i} > 10 \;\Rightarrow\; \text{direction } i \text{ is degenerate}`,
      says: 'Within each block, directions far weaker than the strongest are named and damped.',
    },
  ],
  terms: {
    'ME-SR': 'eigenvalues of H below 120 are weak: the step is projected onto the others',
    'ME-TSVD': 'the same eigenvalues are left out of the pseudo-inverse',
    'ME-TReg': 'where there are such eigenvalues, 100 is added to the diagonal',
    'FCN-SR': 'eigenvalues of H more than ten times below the largest are projected out',
  },
  fidelity: {
    level: 'scaled',
    note: 'The simulated study and the solver are complete. Mapping runs are scans of a made-up corridor in a known map, and single scans of three made-up scenes and of one real pair, instead of recorded drives. Details of the axis alignment are reconstructed.',
  },
  claims: [
    {
      id: 'cylinder',
      sentence: 'In the cylinder it recovers position and turn where common remedies end most of a metre off.',
      quantity: 'final errors of position and rotation, planes fitted as in the paper’s code',
      setting: { quick: '7562 points, one scene', full: '7562 points, four scenes' },
      ...locked.claims.cylinder,
    },
    {
      id: 'conditioning',
      sentence: 'The preconditioner makes the system well conditioned without changing its solution.',
      quantity: 'over all steps in the cylinder at which H is invertible, the largest',
      setting: { quick: 'one scene', full: 'four scenes' },
      ...locked.claims.conditioning,
    },
    {
      id: 'names-the-axis',
      sentence:
        'In a tunnel exactly the shift along it is named, and an end wall clears it; beside the axis of a round hall exactly the turn about the vertical is named.',
      quantity: 'motions that are named, with the sensor at the origin',
      setting: {
        quick: 'five tunnels, and five halls of radius 10 with the sensor 5 to 8 from the axis',
        full: 'fifty tunnels and fifty halls',
      },
      ...locked.claims['names-the-axis'],
    },
    {
      id: 'beyond-plain',
      sentence: 'Along a corridor noisy scans are placed better than by steps that know of no degeneracy.',
      quantity: 'mean error of the place of scans in a known map, each begun from the last place found',
      setting: { quick: '12 scans of 600 points', full: '60 scans of 2000 points' },
      ...locked.claims['beyond-plain'],
    },
    {
      id: 'nearer-than-others',
      sentence:
        'Where a motion is nearly free, scans end at least a fifth nearer to their place than with other remedies.',
      quantity:
        'root mean square distance of the points of a scan from their places, geometric mean over a corridor, a round hall with two pillars, stairs, and a real lidar pair without the points that fix one direction',
      setting: {
        quick: 'scans of 800 points from 0.6 m (on the stairs 0.15 m) and 3° off',
        full: 'scans of 3000 points from 0.6 m (on the stairs 0.15 m) and 3° off',
      },
      ...locked.claims['nearer-than-others'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'cylinder',
    title: 'error of the position',
    series: ['DCReg', 'none', 'FCN-SR', 'ME-TReg'],
    says: 'How far a scan of a round hall is from its place, step by step, with three remedies for weak motions and with none, which ends where DCReg does.',
  },
} as const satisfies PaperRecord;
