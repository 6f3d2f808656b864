import { DenseMatrix } from '@southwell/numerics/arrays';
import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import {
  type EstimateOptions,
  estimateFromRows,
  estimateGraph,
  type GraphEstimate,
  type ScoreOption,
  split,
} from '../estimate.ts';
import { checkKnowledge, holdForbidden, type KnowledgeOption, penaltyWeights } from '../knowledge.ts';
import type { GraphData, Moments } from '../moments.ts';
import { binarySamples, type Samples } from '../samples.ts';
import { type AcyclicOptions, acyclicIterates, acyclicKeys, breakTies, type NotearsIterate } from './acyclic.ts';
import { addPenaltyGradients } from './acyclicity.ts';
import { type LogisticOptions, logisticKeys, scoreOf } from './scores.ts';

export interface NotearsOptions extends AcyclicOptions, LogisticOptions, KnowledgeOption {
  /** Weight of ‖W‖₁, without required edges. Default 0.1 for least squares, 0.01 for the logistic score. */
  readonly lambda?: number;
}

const notearsKeys: OptionKeys<NotearsOptions> = { ...acyclicKeys, ...logisticKeys, lambda: true, knowledge: true };

/**
 * NOTEARS (Zheng, Aragam, Ravikumar & Xing, NeurIPS 2018): an augmented Lagrangian of h(W) = tr e^(W∘W) − d, for least
 * squares on moments and for the logistic score on {@link binarySamples}. Where the authors bound positive and negative
 * parts, the orthant-wise form of L-BFGS does the same here. Iterates are steps of L-BFGS; the objective is the score
 * (½tr[(I−W)ᵀC(I−W)] for least squares) + λ‖W‖₁ without the terms of h. O(20d³) a step, and O(nd²) more for the
 * logistic score.
 * @throws INVALID_PARAMETER.
 */
export function* notearsIterates(data: Moments | Samples, options: NotearsOptions = {}): Generator<NotearsIterate> {
  knownKeys('notearsIterates', options, notearsKeys);
  const { d } = data;
  const { knowledge } = options;
  checkKnowledge(knowledge, d);
  const { arena } = 'C' in data ? data.C : data.X;
  const [W, G] = [DenseMatrix.create(d, d, { arena }), DenseMatrix.create(d, d, { arena })];
  const score = scoreOf(data, W, options);
  try {
    yield* acyclicIterates(
      {
        x: new Float64Array(d * d),
        lambda: penaltyWeights(options.lambda ?? ('C' in data ? 0.1 : 0.01), knowledge),
        W,
        evaluate(x, g) {
          W.data.set(x);
          score.refresh();
          G.data.fill(0);
          score.addGradient(1, G);
          g.set(G.data);
          // No loops: the diagonal stays 0.
          for (let j = 0; j < d; j++) g[j * d + j] = 0;
          holdForbidden(g, knowledge);
          return score.value;
        },
        addAcyclicity(E, factor, g) {
          G.data.set(g);
          addPenaltyGradients(W, E, G, { factor });
          g.set(G.data);
        },
        // Steps that overshoot end in worse minima of the same problem.
        sufficient: 0.3,
        unsettle: (x) => breakTies(x, d),
        memory: {
          save: () => ({ W: W.data.slice(), score: score.state() }),
          load(state) {
            const { W: w, score: s } = state as { readonly W: Float64Array; readonly score: Float64Array };
            W.data.set(w);
            score.restore(s);
          },
        },
      },
      options,
    );
  } finally {
    for (const used of [W, G, score]) used.free();
  }
}

/** Learns a graph by {@link notearsIterates}; `score: 'logistic'` is for binary variables. */
export function notears(X: GraphData, options: NotearsOptions & EstimateOptions & ScoreOption = {}): GraphEstimate {
  const { score, ...rest } = options;
  const { own, estimate } = split<NotearsOptions>('notears', rest, notearsKeys);
  return score === 'logistic'
    ? estimateFromRows(X, (data) => notearsIterates(data, own), estimate, binarySamples)
    : estimateGraph(X, (data) => notearsIterates(data, own), estimate);
}
