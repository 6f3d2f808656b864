import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 54,
  slug: '54-consensus-planning',
  title:
    'Safe and Real-Time Consistent Planning for Autonomous Vehicles in Partially Observed Environments via Parallel Consensus Optimization',
  authors: 5,
  firstAuthors: ['Zheng', 'Yang', 'Zheng'],
  date: '2024-09',
  venue: 'arXiv preprint, 2024',
  arxiv: '2409.10310',
  family: 'control',
  methods: [
    'CPTO',
    'consensus ADMM',
    'contingency planning',
    'control barrier function',
    'Bernstein polynomials',
    'IDM',
  ],
  summary:
    'A car must decide before it knows what hides behind the lorry. Planning for the worst is slow, planning for the best unsafe. Here several trajectories are planned in parallel, one for each guess of what may be hidden, all bound to begin alike; the common part is driven and planning starts over. Curves are polynomials and the bond is kept by a splitting method whose pieces run side by side in real time. We will check one scene to the centimetre, then drive through random traffic with hidden cars beside single-guess planners.',
  formulas: [
    {
      tex: String.raw`\min \sum_{j=1}^M J(\tau_j)\quad\text{s.t.}\quad \tau_j \text{ avoids } \mathcal O_j,\quad \tau_1(t) = \dots = \tau_M(t)\ \text{for}\ t \le t_c`,
      says: 'One trajectory a hypothesis, all equal on their first segment.',
    },
    {
      tex: String.raw`d_k \ge 1 + (1 - \gamma)(d_{k-1} - 1)`,
      says: "A discrete barrier: the distance to an obstacle's ellipse may shrink only gradually.",
    },
  ],
  fidelity: {
    level: 'scaled',
    note: "Our own highway with simulated traffic instead of ROS and recorded data; formulas are those of the authors' sister planner, since no code was found, and the closed-loop bars are not calibrated.",
  },
  claims: [
    {
      id: 'single-scene',
      sentence: 'Two plans share their start to the centimetre, keep clear of obstacles and then part.',
      quantity: 'consensus gap at 5 and 10 common steps; least ellipse value; lateral distance at the end',
      bar: {
        quick: '≤ 0.01 m at 5 steps; ≥ 0.98; ≥ 3 m',
        full: '≤ 0.01 m and ≤ 0.05 m, ten times less than without consensus; ≥ 0.98; limits within 1 %; ≥ 3 m',
      },
    },
    {
      id: 'traffic',
      sentence:
        'In traffic with hidden cars it is as safe as caution and faster, and its plans change less than independent ones.',
      quantity: 'collisions; mean speed against the cautious planner; change of plans against independent ones',
      bar: { quick: 'three scenes of 10 s: 0; reported', full: '50 scenes: ≤ 2 % and ≤ nominal; ≥ cautious; ≤ 0.7 ×' },
    },
    {
      id: 'real-time',
      sentence: 'Planning keeps up with ten plans a second.',
      quantity: '95th percentile of the solve time, three hypotheses, six obstacles',
      measures: {
        time: { quantity: '95th percentile of the solve time, ms', '≤': { quick: 100, full: 50 } },
      },
    },
  ],
};
