import type { PaperRecord } from '../record.ts';

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
    'Aligning two laser scans fails in corridors and round halls, since some motions leave the picture unchanged, and plain eigenvalues do not say which, because rotations and shifts are mixed and have different units. DCReg separates the two by Schur complements, names the weak motions as axes of the sensor, and damps only those through the preconditioner of a short conjugate-gradient solve. Strong motions stay untouched. We align a cylinder with a floor that the plane fit of the paper cannot see, compare six remedies and none, follow noisy scans along a corridor, and check whether exactly the free axis of a tunnel is named.',
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
    level: 'full',
    note: 'The simulated study and the solver are complete; mapping runs are scans of a made-up corridor in a known map. Details of the axis alignment are reconstructed. Six remedies of the eight: X-ICP and SuperLoc are left out.',
  },
  claims: [
    {
      id: 'cylinder',
      sentence: 'In the cylinder it recovers position and turn where common remedies end most of a metre off.',
      ingredient: 'the whole system is solved, and not a part of it',
      quantity: 'final errors of position and rotation, planes fitted as in the paper’s code',
      setting: { quick: '7562 points, one scene', full: '7562 points, four scenes' },
      measures: {
        position: { quantity: 'position in {each scene}, cm', '<': 8 },
        turn: { quantity: 'rotation in {each scene}, °', '<': 0.1 },
        mesr: { quantity: 'ME-SR in {each scene}: position, cm', '>': 90 },
        fcnsr: { quantity: 'FCN-SR in {each scene}: position, cm', '>': 90 },
      },
    },
    {
      id: 'conditioning',
      sentence: 'The preconditioner makes the system well conditioned without changing its solution.',
      ingredient: 'a preconditioner from both Schur complements',
      quantity: 'over all steps in the cylinder at which H is invertible, the largest',
      measures: {
        condition: { quantity: 'condition number after over before', '≤': 0.01 },
        distance: { quantity: 'relative distance of the step to the exact solve', '≤': 0.0001 },
      },
    },
    {
      id: 'names-the-axis',
      sentence: 'In a tunnel exactly the motion along it is named, and an end wall clears it.',
      ingredient: 'turns and shifts are judged apart',
      quantity: 'shifts that are named, of tunnels drawn along x with the sensor at the origin',
      setting: { quick: 'five tunnels', full: 'fifty tunnels' },
      measures: {
        open: { quantity: 'least share of x in what is named; 0 where that is not one motion', '>': 0.99 },
        closed: { quantity: 'motions named with an end wall, at most', '≤': 0 },
      },
    },
    {
      id: 'beyond-plain',
      sentence: 'Along a corridor noisy scans are placed better than by steps that know of no degeneracy.',
      ingredient: 'damping of what is weak',
      quantity: 'mean error of the place of scans in a known map, each begun from the last place found',
      setting: { quick: '12 scans of 600 points', full: '60 scans of 2000 points' },
      draws: { quick: [4, 8], full: [5, 10] },
      measures: {
        plain: {
          quantity: 'error of DCReg',
          over: 'mean',
          '<': { of: 'that of plain steps', times: 0.9 },
        },
      },
    },
  ],
  picture: {
    experiment: 'cylinder',
    title: 'error of the position',
    series: { DCReg: 'DCReg', 'FCN-SR': 'FCN-SR', 'ME-TReg': 'ME-TReg' },
    says: 'How far a scan of a round hall is from its place, step by step, with three remedies for weak motions.',
  },
} as const satisfies PaperRecord;
