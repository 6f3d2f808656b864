import { column, flag, option, real, whole } from '../../declaration/option.ts';

const group = 'A federated fit:';
const advanced = { advanced: true };
const only = { federated: true } as const;

/** Models whose losses the clients of a federated fit can bring. */
export const federatedModels = ['lasso', 'elastic-net', 'ridge', 'logistic', 'poisson'];

export const federatedOptions = {
  federated: option(flag(), {
    title: 'a federated fit',
    about:
      'fit without bringing rows together: each rank, or each client of {clients}, keeps its own, and models travel; this is no guarantee of privacy',
    only: { model: federatedModels, alpha: true },
    without: {
      ...{ offset: true, penaltyFactor: true, lower: true, upper: true, positive: true, relax: true, adaptive: true },
      ...{ holdout: true, solver: true, explain: true, threads: true, hierarchy: true },
    },
    group,
    form: { only: { model: federatedModels }, advanced: true },
  }),
  clients: option(column(), {
    title: 'Clients',
    about: 'column whose values are the clients of a federated fit; not used as a feature',
    otherwise: 'each rank is a client',
    only,
    group,
    form: advanced,
  }),
  perRound: option(whole(1), {
    title: 'Clients of a round',
    about: 'clients that take part in each round of a federated fit, drawn with {seed}',
    argument: 'clients',
    otherwise: 'all',
    only,
    group,
    form: advanced,
  }),
  noise: option(real(0), {
    title: 'Noise on the links',
    about:
      'variance of Gaussian noise that is added to each number of a model that travels in a federated fit, both ways, in standardised units',
    argument: 'variance',
    otherwise: '0',
    only,
    group,
    form: advanced,
  }),
};
