import { record as paper01 } from './01-bcd-faster/record.ts';
import { record as paper02 } from './02-icbs-pruning/record.ts';
import { record as paper03 } from './03-armor-pruning/record.ts';
import { record as paper04 } from './04-supervised-dictionary-learning/record.ts';
import { record as paper05 } from './05-transductive-clustering/record.ts';
import { record as paper06 } from './06-consensus-based-optimization/record.ts';
import { record as paper07 } from './07-topological-swaps/record.ts';
import { record as paper08 } from './08-glace/record.ts';
import { record as paper09 } from './09-blockwise-bilevel/record.ts';
import { record as paper10 } from './10-deepzero/record.ts';
import { record as paper11 } from './11-learned-sor/record.ts';
import { record as paper12 } from './12-inverse-kinematics/record.ts';
import { record as paper13 } from './13-coordinate-clipping/record.ts';
import { record as paper14 } from './14-online-orthogonal-dictionary/record.ts';
import { record as paper15 } from './15-neural-divide-and-conquer/record.ts';
import { record as paper16 } from './16-robust-alternating-completion/record.ts';
import { record as paper17 } from './17-colide/record.ts';
import { record as paper18 } from './18-sparse-misspecified-bandits/record.ts';
import { record as paper19 } from './19-parallel-vertex-diffusion/record.ts';
import { record as paper20 } from './20-penalty-bilevel/record.ts';
import { record as paper21 } from './21-linf-sketched-regression/record.ts';
import { record as paper22 } from './22-directional-attacks/record.ts';
import { record as paper23 } from './23-adaptive-legged-mpc/record.ts';
import { record as paper24 } from './24-econtrol/record.ts';
import { record as paper25 } from './25-dct-low-rank-adam/record.ts';
import { record as paper26 } from './26-schedule-refinement/record.ts';
import { record as paper27 } from './27-learnable-codebooks/record.ts';
import { record as paper28 } from './28-sequential-gradient-coding/record.ts';
import { record as paper29 } from './29-functional-bayesian-tucker/record.ts';
import { record as paper30 } from './30-grokking-stability/record.ts';
import { record as paper31 } from './31-target-surrogates/record.ts';
import { record as paper32 } from './32-double-descent/record.ts';
import { record as paper33 } from './33-mirror-descent-policy/record.ts';
import { record as paper34 } from './34-weight-matching/record.ts';
import { record as paper35 } from './35-dynamical-stability/record.ts';
import { record as paper36 } from './36-masha/record.ts';
import { record as paper37 } from './37-chebyshev-tucker/record.ts';
import { record as paper38 } from './38-spatiotemporal-vla/record.ts';
import { record as paper39 } from './39-colbert-projections/record.ts';
import { record as paper40 } from './40-flag-aggregator/record.ts';
import { record as paper41 } from './41-ldp-sparse-regression/record.ts';
import { record as paper42 } from './42-sketched-sqp/record.ts';
import { record as paper43 } from './43-dcreg/record.ts';
import { record as paper44 } from './44-deep-conjugate-direction/record.ts';
import { record as paper45 } from './45-sparse-neural-dynamics/record.ts';
import { record as paper46 } from './46-coordinate-quantized-fields/record.ts';
import { record as paper47 } from './47-dadao/record.ts';
import { record as paper48 } from './48-information-koopman/record.ts';
import { record as paper49 } from './49-robust-admm-federated/record.ts';
import { record as paper50 } from './50-stochastic-cca/record.ts';
import { record as paper51 } from './51-locality-weight-sharing/record.ts';
import { record as paper52 } from './52-sparse-cce/record.ts';
import { record as paper53 } from './53-latent-spectral-models/record.ts';
import { record as paper54 } from './54-consensus-planning/record.ts';
import { record as paper55 } from './55-neural-contextual-bandits/record.ts';
import type { PaperRecord } from './record.ts';

/** All papers, by number. */
export const records: readonly PaperRecord[] = [
  paper01,
  paper02,
  paper03,
  paper04,
  paper05,
  paper06,
  paper07,
  paper08,
  paper09,
  paper10,
  paper11,
  paper12,
  paper13,
  paper14,
  paper15,
  paper16,
  paper17,
  paper18,
  paper19,
  paper20,
  paper21,
  paper22,
  paper23,
  paper24,
  paper25,
  paper26,
  paper27,
  paper28,
  paper29,
  paper30,
  paper31,
  paper32,
  paper33,
  paper34,
  paper35,
  paper36,
  paper37,
  paper38,
  paper39,
  paper40,
  paper41,
  paper42,
  paper43,
  paper44,
  paper45,
  paper46,
  paper47,
  paper48,
  paper49,
  paper50,
  paper51,
  paper52,
  paper53,
  paper54,
  paper55,
];
