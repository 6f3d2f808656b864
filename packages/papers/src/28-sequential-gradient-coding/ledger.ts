import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

const harder =
  'With one round to spare, few slow workers and load that costs as much as the rest of a round, M-SGC is told apart from sending again.';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Two schemes that exploit time, SR-SGC and M-SGC, tolerate stragglers with a smaller load than gradient codes.',
      state: 'checked',
      claims: ['loads'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'In the simulation M-SGC is faster than the best gradient code on each path, and on fresh ones; SR-SGC is not slower.',
      state: 'checked',
      claims: ['run-time'],
      fidelity: 'full',
      harder,
    },
    {
      from: 'card',
      says: 'Parameters that are chosen by simulating the profile of some rounds are judged on other rounds.',
      state: 'checked',
      claims: ['fresh-rounds'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'The saving grows with the cost of load, and M-SGC loses to gradient codes where load costs nothing.',
      state: 'checked',
      claims: ['slope'],
      fidelity: 'full',
      harder,
    },
    {
      from: 'abstract',
      says: 'On a cluster of 256 workers, M-SGC is up to 16 % faster than gradient codes.',
      state: 'narrowed',
      why: 'Simulated on recorded delays without load, 20 to 30 rounds of each of five series; load is added by a slope of least squares, and the longer recordings and the runs with codes were not to be had.',
      claims: ['measured'],
      fidelity: 'scaled',
      harder,
    },
    {
      from: 'abstract',
      says: 'Several networks are trained concurrently, and learn what they learn without a code.',
      state: 'narrowed',
      why: 'Softmax models of digits, on simulated ranks under patterns that the codes admit, of which a sample was tried.',
      claims: ['exact-training'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'A real executor over worker threads cancels what is late.',
      state: 'narrowed',
      why: 'Slots share the cores of one machine: slowness is a wait, which a cancellation ends.',
      claims: ['seconds'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The savings are measured on a real cluster of 256 workers.',
      state: 'not checked',
      why: 'There is no such cluster here; its recorded delays are simulated.',
      claims: [],
    },
  ],
  ours: ['deadline'],
  rivalsLeftOut: [],
  asWell: {
    'run-time': 'with missed chunks sent again, without a code',
    slope: 'with missed chunks sent again, without a code',
    measured: 'with missed chunks sent again, without a code',
  },
  withoutNull: [
    {
      claim: 'fresh-rounds',
      kind: 'baseline',
      why: 'It is about choosing, and plain gradient codes are chosen as well.',
    },
  ],
});
