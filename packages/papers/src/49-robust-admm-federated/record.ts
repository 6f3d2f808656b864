import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 49,
  slug: '49-robust-admm-federated',
  title: 'Noise-Robust and Resource-Efficient ADMM-based Federated Learning',
  authors: 4,
  firstAuthors: ['Lari', 'Arablouei', 'Gogineni'],
  date: '2024-09',
  venue: 'arXiv preprint, 2024',
  arxiv: '2409.13451',
  family: 'distributed',
  methods: ['ADMM', 'federated learning', 'weighted least squares', 'random scheduling', 'consensus optimization'],
  summary:
    'Many devices fit one regression together over noisy radio, and only a few take part in each round. The usual splitting method carries a dual variable on each device, which noise and absence corrupt. The paper eliminates that variable and rearranges the update so that a device needs a single noisy message, not two. With random participation it stays accurate where the old form fails. We will test exactness without noise, the gain with noisy links, the law of a slow drift, and which form is better with full participation.',
  formulas: [
    {
      tex: String.raw`\min_w \sum_k \lVert y_k - X_k w\rVert_{W_k}^2`,
      says: 'Clients share one weighted least-squares fit.',
    },
    {
      tex: String.raw`w_{k,n+1} = w_{k,n} - \rho N_k\,(w_{k,n} - u_n),\qquad u_n = 2w_n - w_{n-1}`,
      says: 'Without the dual variable, one broadcast combination of two global models is enough.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'The simulated experiments are complete; the exact form of the new update and of its continual variant is reconstructed, and all numbers are ours.',
  },
  claims: [
    {
      id: 'exact',
      sentence: 'Without noise it converges to the exact solution whatever the number of participants.',
      quantity: 'relative squared error after 3000 rounds',
      setting: { quick: '20 clients, 1000 rounds', full: '50 clients, 50, 25 or 10 taking part, 3000 rounds' },
      measures: {
        error: { quantity: 'error, {each number that takes part}', '≤': { quick: 1e-8, full: 1e-15 } },
        simple: { quantity: 'error of the simpler form', '≥': { full: 1e-7 } },
      },
    },
    {
      id: 'against-dual',
      sentence: 'Under random scheduling it is far more accurate than the form with a dual variable.',
      quantity: 'error to the truth after 400 rounds, ρ = 2, 10, 40',
      setting: { quick: 'one ρ', full: 'ρ = 2, 10, 40' },
      measures: {
        error: { quantity: 'error, {each ρ}', '≤': { full: 0.0016 } },
        ratio: { quantity: 'error of the dual form over ours, {each ρ}', '≥': { quick: 4, full: 8 } },
      },
    },
    {
      id: 'link-noise',
      sentence: 'Noisy links widen the gap, and one message beats two.',
      quantity: 'error below the dual form and below the two-message form, in decibels',
      bar: { quick: '≥ 10 dB, one seed', full: '≥ 15 dB at noise 1e-3 and 1e-2; ≥ 15 dB for ρ ≥ 5' },
    },
    {
      id: 'drift',
      sentence: 'Noise makes the estimate drift at the derived rate.',
      quantity: 'slope of the mean squared error over the law',
      setting: { quick: '5 seeds', full: '20 seeds' },
      measures: {
        slope: { quantity: 'slope over the law', '≥': { quick: 0.4, full: 0.65 }, '≤': { quick: 1.6, full: 1.35 } },
      },
    },
  ],
};
