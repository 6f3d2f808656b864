import { Random } from '@southwell/numerics/core';
import { cbo, Search, type SwarmState } from 'southwell/black-box';
import type { Live, LiveFrame } from '../live.ts';
import { canyon, descend, near, START } from './landscape.ts';
import { locked } from './locked.ts';

const { particles, steps, alpha, noise } = locked.claims.canyon.sizes.quick;

const live: Live = {
  title: 'A swarm looks for the lowest point of a canyon',
  parameter: { title: 'Noise', min: 0, max: 4, step: 0.1, default: noise },
  x: [-2.5, 9.5],
  y: [-2.5, 9.5],
  // On a root scale, to make the valley visible.
  height: (x, y) => Math.sqrt(canyon(x, y)),
  goal: [0, 0],
  method: 'The swarm',
  control: 'Gradient descent',
  controlPath() {
    const path = [START.x0, ...Array.from(descend(new Random(1), 0, 10_000), ({ x, y }) => [x, y])];
    const [x, y] = path[path.length - 1];
    return { path, reached: near(Math.hypot(x, y)) };
  },
  *run(value, seed) {
    let state: SwarmState | undefined;
    const path: Array<ArrayLike<number>> = [];
    const swarm = { particles, steps, alpha, noise: value, diffusion: 'isotropic', tol: 0 } as const;
    const onStep = (next: SwarmState) => (state = next);
    const search = new Search({ ...START, seed, budget: Number.POSITIVE_INFINITY }, (context) =>
      cbo(context, { ...swarm, onStep }),
    );
    for (let c = search.ask(); c; c = search.ask()) {
      search.tell(c.id, canyon(c.x[0], c.x[1]));
      if (!state) continue;
      const { points, consensus } = state as SwarmState;
      path.push(consensus.slice());
      yield { points: points.map((p) => p.slice()), estimate: consensus.slice() } satisfies LiveFrame;
      state = undefined;
    }
    const [x, y] = Array.from(path[path.length - 1]);
    return { path, reached: near(Math.hypot(x, y)) };
  },
};

export default live;
