import {
  type FederatedWls,
  type FederatedWlsOptions,
  federatedWls,
  type WlsClient,
  type WlsForm,
} from 'southwell/distributed-methods';
import { nulls } from '../verdicts/nulls.ts';
import { errorOf, type Fit, meanOfFits } from './lab.ts';
import { record } from './record.ts';

const robust = { module: 'papers/49-robust-admm-federated/lab', name: 'robustFit' } as const;
const dual = { module: 'papers/49-robust-admm-federated/lab', name: 'dualFit' } as const;
const admm = 'southwell/distributed-methods/admm';
const few = [
  ...['exact', 'against-dual', 'link-noise', 'against-average', 'one-message'],
  ...['drift', 'steady', 'continual', 'tables'],
] as const;

/** A fit that gives the same model in all rounds. */
const constant =
  (of: (clients: readonly WlsClient[]) => Float64Array): Fit =>
  (clients, options): FederatedWls => {
    const { w0: _, noise: __, continual: ___, ...others } = options;
    const whole = federatedWls(clients, { ...others, rounds: 0 });
    const w = of(clients);
    const nmse = options.reference && { nmse: errorOf(w, Float64Array.from(options.reference)) };
    const history = Array.from({ length: (options.rounds ?? 1000) + 1 }, (____, round) => ({
      ...whole.history[0],
      ...{ round, ...nmse },
    }));
    return { ...whole, w, history };
  };

/** Another form in place of the one under test. */
const form =
  (method: WlsForm) =>
  () =>
  (clients: readonly WlsClient[], options: FederatedWlsOptions): FederatedWls =>
    federatedWls(clients, { ...options, method });

interface MakesClient {
  new (...of: never[]): { w: Float64Array };
}

interface Given {
  readonly server?: { perRound: number; take(clients: readonly number[], answers: readonly unknown[]): unknown };
  readonly schedule: { readonly name: string; at(round: number, clients: number): readonly number[] };
}

export default nulls(record, [
  {
    id: 'average',
    says: 'with the mean of the fits of all clients in place of all rounds',
    kinds: ['nothing'],
    claims: few,
    ...robust,
    by: () => constant(meanOfFits),
  },
  {
    id: 'dual',
    says: 'with the form with duals in place of the robust one',
    kinds: ['baseline'],
    claims: ['exact', 'link-noise', 'against-dual', 'against-average', 'drift', 'steady', 'continual', 'tables'],
    ...robust,
    by: form('dual'),
  },
  {
    id: 'two-vectors',
    says: 'with updates from two received vectors in place of one',
    kinds: ['baseline', 'ingredient'],
    claims: ['one-message', 'steady'],
    ...robust,
    by: form('two-global'),
  },
  {
    id: 'simple',
    says: 'with wₙ broadcast in place of 2wₙ − wₙ₋₁',
    kinds: ['ingredient'],
    claims: few,
    ...robust,
    by: form('robust-simple'),
  },
  {
    id: 'other-start',
    says: 'with clients that start at zero in place of their own solutions',
    kinds: ['ingredient'],
    claims: ['exact', 'link-noise', 'against-dual', 'against-average', 'one-message', 'tables'],
    ...{ module: `${admm}/wlsClients`, name: 'WlsModel' },
    by: (Original: MakesClient): MakesClient =>
      class extends Original {
        constructor(...of: never[]) {
          super(...of);
          if ((of as readonly unknown[])[1] === 'robust') this.w.fill(0);
        }
      },
  },
  {
    id: 'other-numbers',
    says: 'with half as many clients in every second round, whose mean is taken',
    kinds: ['ingredient'],
    claims: ['exact'],
    ...{ module: `${admm}/engine`, name: 'rounds' },
    by: (original: (of: Given) => unknown) => (of: Given) => {
      const { server, schedule } = of;
      const take = server?.take.bind(server);
      if (server && take)
        server.take = (clients, answers) => {
          server.perRound = answers.length;
          return take(clients, answers);
        };
      const at = (round: number, clients: number) => {
        const all = schedule.at(round, clients);
        return round % 2 === 0 ? all : all.slice(0, Math.ceil(all.length / 2));
      };
      return original({ ...of, schedule: { name: schedule.name, at } });
    },
  },
  {
    id: 'zero',
    says: 'with zero in place of the model of the form with duals',
    kinds: ['nothing'],
    claims: ['everyone'],
    ...dual,
    by: () => constant((clients) => new Float64Array(clients[0].X[0].length)),
  },
  {
    id: 'robust',
    says: 'with the robust form in place of the one with duals',
    kinds: ['baseline'],
    claims: ['everyone'],
    ...dual,
    by: form('robust'),
  },
  {
    id: 'some',
    says: 'with a tenth of the clients in each round',
    kinds: ['ingredient'],
    claims: ['everyone'],
    ...dual,
    by: (original: Fit) => (clients: readonly WlsClient[], options: FederatedWlsOptions) =>
      original(clients, { ...options, perRound: Math.ceil(clients.length / 10) }),
  },
  {
    id: 'no-noise',
    says: 'without noise on the links',
    kinds: ['ingredient'],
    claims: ['drift'],
    ...robust,
    by: (original: Fit) => (clients: readonly WlsClient[], options: FederatedWlsOptions) =>
      original(clients, { ...options, noise: { up: 0, down: 0 } }),
  },
  {
    id: 'no-continual',
    says: 'without continual updates',
    kinds: ['ingredient'],
    claims: ['continual'],
    ...robust,
    by: (original: Fit) => (clients: readonly WlsClient[], options: FederatedWlsOptions) =>
      original(clients, { ...options, continual: false }),
  },
]);
