import { DenseMatrix } from '@southwell/numerics/arrays';
import { checkGiven, keysOf, knownKeys, type OptionKeys, type OptionsOf } from '@southwell/numerics/core';
import {
  type EstimateOptions,
  estimateFromRows,
  estimateGraph,
  type GraphEstimate,
  type ScoreOption,
  split,
} from '../estimate.ts';
import { checkKnowledge, holdForbidden, knowledgeRecords, penaltyWeights } from '../knowledge.ts';
import type { GraphData, Moments } from '../moments.ts';
import { binarySamples, type Samples } from '../samples.ts';
import { type AcyclicOptions, acyclicIterates, acyclicRecords, breakTies, type NotearsIterate } from './acyclic.ts';
import { addPenaltyGradients } from './acyclicity.ts';
import { l1Option, logisticRecords, scoreOf } from './scores.ts';

const notearsRecords = {
  ...acyclicRecords,
  ...logisticRecords,
  ...knowledgeRecords,
  /** Weight of ‖W‖₁, without required edges. Default 0.1 for least squares, 0.01 for the logistic score. */
  lambda: l1Option,
};

export interface NotearsOptions extends OptionsOf<typeof notearsRecords>, AcyclicOptions {}

const notearsKeys: OptionKeys<NotearsOptions> = { ...keysOf(notearsRecords), resume: true };

/**
 * NOTEARS (Zheng, Aragam, Ravikumar & Xing, NeurIPS 2018): an augmented Lagrangian method for h(W) = tr e^(W∘W) − d =
 * 0, with least squares on moments and the logistic score on {@link binarySamples}. The authors split W into positive
 * and negative parts with bounds; the orthant-wise form of L-BFGS is equivalent. The objective is the score
 * (½tr[(I−W)ᵀC(I−W)] for least squares) + λ‖W‖₁ without the terms of h. O(20d³) a step of L-BFGS, plus O(nd²) for the
 * logistic score.
 * @throws INVALID_PARAMETER.
 */
export function* notearsIterates(data: Moments | Samples, options: NotearsOptions = {}): Generator<NotearsIterate> {
  knownKeys('notearsIterates', options, notearsKeys);
  checkGiven(notearsRecords, options);
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
          // No self-loops: the diagonal stays 0.
          for (let j = 0; j < d; j++) g[j * d + j] = 0;
          holdForbidden(g, knowledge);
          return score.value;
        },
        addAcyclicity(E, factor, g) {
          G.data.set(g);
          addPenaltyGradients(W, E, G, { factor });
          g.set(G.data);
        },
        // Steps that overshoot lead to worse local minima of the same problem.
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
