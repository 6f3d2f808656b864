// Over 400 lines: a call of every exported function that takes options.
import { readdirSync, readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@southwell/autodiff';
import * as cx from '@southwell/autodiff/complex';
import { alone, Communicator, complete } from '@southwell/distributed';
import { type Iterate, run, runAsync, SouthwellError } from '@southwell/numerics/core';
import { DenseMatrix, useOpenBlas } from 'southwell';
import * as bilevel from 'southwell/bilevel';
import * as blackBox from 'southwell/black-box';
import * as blocks from 'southwell/blocks';
import * as clustering from 'southwell/clustering';
import * as compression from 'southwell/compression';
import * as diagnostics from 'southwell/diagnostics';
import * as ranks from 'southwell/distributed-methods';
import * as factorisation from 'southwell/factorisation';
import * as functional from 'southwell/functional-tensors';
import * as geometry from 'southwell/geometry';
import * as linear from 'southwell/linear-models';
import * as systems from 'southwell/linear-systems';
import { squared } from 'southwell/losses';
import * as merging from 'southwell/merging';
import * as optimisers from 'southwell/optimisers';
import { checkedParameters, l1, penalties } from 'southwell/penalties';
import * as privacy from 'southwell/private-models';
import * as graphs from 'southwell/structure-learning';
import * as tensors from 'southwell/tensors';
import * as training from 'southwell/training';
import { describe, expect, test } from 'vitest';

/**
 * Every exported function of every room that takes options refuses one that it does not know: in `calls`, or in a test of
 * its own by `refusesUnknown`. What only looks as if it took options is in `without`.
 */

/** Nothing, or what no function knows. */
type Extra = Record<never, never>;
type Calls = Readonly<Record<string, (extra: Extra) => unknown>>;

const rows = Array.from({ length: 8 }, (_, i) => [Math.sin(i + 1), Math.cos(2 * i), (i % 3) - 1 + 0.1 * i]);
const X = DenseMatrix.fromRows(rows);
const positive = rows.map((row) => row.map((v) => v + 2));
const y = rows.map(([a, b]) => a + b);
const labels = rows.map((_, i) => i % 2);
const points = () => clustering.Points.from(X);
const W = clustering.neighbourAffinity(clustering.nearestNeighbours(X, 2));
const entries = factorisation.observedMatrix(4, 3, [0, 1, 2, 3, 0, 1, 2], [0, 1, 2, 0, 1, 2, 0], [1, 2, 3, 4, 5, 6, 7]);
const { observed } = factorisation.prepareEntries(entries);
const views = [X, DenseMatrix.fromRows(positive)];
const dag = DenseMatrix.fromRows([
  [0, 1],
  [0, 0],
]);
const moments = () => graphs.moments(X);
const samples = () => graphs.samples(X);
const supervisedData = () => factorisation.supervisedData(positive, labels);
const square = (x: Float64Array, g: Float64Array) => {
  g.set(x);
  return (x[0] * x[0]) / 2;
};
const f = (x: Float64Array) => x[0] * x[0];
/** Of calls that look at their options first. */
const unused = {} as never;
const context = {} as blackBox.MethodContext;
const gradients: ranks.Client = { gradient: () => 0 };
const dual = { conjugate: () => {} };
const twoNodes = { local: [gradients, gradients], graph: ranks.pathGraph(2), mu: 1, L: 1, start: [1] };
const twoDuals = { ...twoNodes, local: [dual, dual], length: 1 };
const network: blackBox.Network = { value: (x) => x.slice(), vjp: (_, u) => u };
const throughNetwork = { network, objective: { value: f, gradient: (y: Float64Array) => [2 * y[0]] }, x0: [1] };
const ends = [[1], [2]];
const cube = new tensors.Tensor([2, 2], Float64Array.of(1, 2, 3, 4));
const search = () => new blackBox.Search({ dim: 1, budget: 5 });
const problem = blocks.leastSquares(X, y);
const target = (): optimisers.TargetProblem => ({
  ...{ examples: 1, model: optimisers.linearTargets([[1]]), start: [0] },
  loss: {
    smoothness: 1,
    evaluate: (z, _, g) => {
      g?.set(z);
      return z[0] ** 2 / 2;
    },
  },
});
function* once(): Generator<Iterate<number>> {
  yield { iteration: 0, objective: 0, work: {}, done: 'completed', snapshot: () => 0 };
}
const graphMethod: graphs.GraphMethod = (data) => graphs.topoIterates(data);

const cloud = geometry.prepareCloud([[1, 2, 3]]);
const layer = DenseMatrix.fromRows([[1, 2]]);
const inputs = compression.momentsOf([1, 2], 2);
const bare = { layer: { kind: 'relu' }, parameters: {}, state: {} };
const losses = { parameters: {}, losses: () => tensor([1]) };
const sample = { inputs: tensor([1]), targets: tensor([1]) };
const products = { parameters: {}, apply: () => tensor([1]) };
const agreed = { d: 1, epsilon: 1, mode: 'noninteractive', clip: { x: 1, y: 1 } } as const;
const linearCalls: Calls = {
  crossValidate: (o) => linear.crossValidate(linear.lasso(), X, y, { folds: 2, ...o }),
  bridgeRegression: (o) => linear.bridgeRegression(o),
  coxRegression: (o) => linear.coxRegression(o),
  elasticNet: (o) => linear.elasticNet(o),
  gammaRegression: (o) => linear.gammaRegression(o),
  tweedieRegression: (o) => linear.tweedieRegression(o),
  huberRegression: (o) => linear.huberRegression(o),
  lasso: (o) => linear.lasso(o),
  linearSvc: (o) => linear.linearSvc(o),
  logisticRegression: (o) => linear.logisticRegression(o),
  mcpRegression: (o) => linear.mcpRegression(o),
  nnls: (o) => linear.nnls(o),
  penalisedRegression: (o) => linear.penalisedRegression(o),
  poissonRegression: (o) => linear.poissonRegression(o),
  quantileRegression: (o) => linear.quantileRegression(o),
  ridge: (o) => linear.ridge(o),
  scadRegression: (o) => linear.scadRegression(o),
  LinearProblem: (o) => new linear.LinearProblem(X, y, squared(), { type: 'elastic-net' }, o),
  GroupLassoProblem: (o) => new linear.GroupLassoProblem(X, Float64Array.from(y), squared(), { groups: 1, ...o }),
  groupLasso: (o) => linear.groupLasso({ groups: 1, ...o }),
  multinomialRegression: (o) => linear.multinomialRegression(o),
  multitaskLasso: (o) => linear.multitaskLasso(o),
  alphaGrid: (o) => linear.alphaGrid(1, 8, 3, o),
  sketchedRegression: (o) => linear.sketchedRegression(o),
  slope: (o) => linear.slope(o),
};
const svdCalls: Calls = {
  randomizedSvd: (o) => factorisation.randomizedSvd(X, { rank: 1, ...o }),
  truncatedSvd: (o) => factorisation.truncatedSvd(X, { rank: 1, ...o }),
  truncatedSvdAsync: (o) => factorisation.truncatedSvdAsync(X, { rank: 1, ...o }),
  truncatedSvdIterates: (o) => factorisation.truncatedSvdIterates(X, { rank: 1, ...o }),
};
const runnerCalls: Calls = {
  run: (o) => run(once(), o),
  runAsync: (o) => runAsync(once(), o),
};

interface Room {
  readonly calls: Calls;
  /** Exported functions whose parameters only look like options, parted by spaces. */
  readonly without?: string;
}

const rooms: Readonly<Record<string, Room>> = {
  '@southwell/autodiff/complex': {
    calls: {
      fft: (o) => cx.fft(tensor([1, 2]), o),
      ifft: (o) => cx.ifft(tensor([1, 2]), o),
      rfft: (o) => cx.rfft(tensor([1, 2]), o),
      irfft: (o) => cx.irfft(cx.complex(tensor([1, 2])), o),
    },
  },
  southwell: {
    calls: { ...linearCalls, ...runnerCalls, useOpenBlas: (o) => useOpenBlas({ library: 'none.so', ...o }) },
    without: 'checkGiven checkOptions integerOption decodeCheckpoint knownKeys numberOption only',
  },
  'southwell/linear-models': { calls: linearCalls },
  'southwell/private-models': {
    calls: {
      ballRadius: (o) => privacy.ballRadius(1, { epsilon: 1, bound: 1, ...o }),
      gaussianMechanism: (o) => privacy.gaussianMechanism([1], { epsilon: 1, delta: 1e-6, bound: 1, ...o }),
      l2BallMechanism: (o) => privacy.l2BallMechanism([1], { epsilon: 1, bound: 1, ...o }),
      laplaceMechanism: (o) => privacy.laplaceMechanism([1], { epsilon: 1, bound: 1, ...o }),
      designOf: (o) => privacy.designOf({ ...agreed, ...o }),
      ldpSparseRegression: (o) => privacy.ldpSparseRegression({ ...agreed, ...o }),
      privacyAccountant: (o) => privacy.privacyAccountant({ epsilon: 1, delta: 0, ...o }),
      ldpPower: (o) => privacy.ldpPower({ ...agreed, delta: 1e-6 }, [1], { people: 5, ...o }),
      simulateLdp: (o) => privacy.simulateLdp({ ...agreed, delta: 1e-6 }, () => 1, { people: 5, ...o }),
    },
  },
  'southwell/training': {
    calls: {
      deepCca: (o) => training.deepCca([X, X], o),
      deepCcaIterates: (o) => [...training.deepCcaIterates([X, X], o)],
      eyLoss: (o) => training.eyLoss(unused, o),
      networkOf: (o) => training.networkOf(unused, unused, { inputs: [1], ...o }),
      patchNet: (o) => training.patchNet({ arch: 'cnn', patches: 2, patchDim: 2, ...o }),
      checkEquivariance: (o) => training.checkEquivariance(unused, unused, unused, o),
      trainEquivariant: (o) => training.trainEquivariant(unused, unused, o),
      trainEquivariantIterates: (o) => training.trainEquivariantIterates(unused, unused, o),
      fitPowerLaw: (o) => training.fitPowerLaw([1, 2, 3], [1, 2, 3], o),
      sampleComplexity: (o) => training.sampleComplexity({ ...unused, ...o }),
      sampleComplexityIterates: (o) => training.sampleComplexityIterates({ ...unused, ...o }),
    },
    without: 'DeepVariates deepVariatesPlain',
  },
  'southwell/linear-systems': {
    calls: {
      factorise: (o) => systems.factorise([[2]], o),
      solve: (o) => systems.solve([[2]], [1], o),
      sketchedLeastSquares: (o) => systems.sketchedLeastSquares([[2]], [1], o),
      sketchedLeastSquaresIterates: (o) => [...systems.sketchedLeastSquaresIterates([[2]], [1], o)],
      tuneAcrossSequence: (o) => systems.tuneAcrossSequence({ arms: [1], ...o }),
    },
    without: 'SequenceTuner',
  },
  'southwell/bilevel': { calls: { msvr: (o) => bilevel.msvr(2, 3, o) } },
  'southwell/constrained': { calls: {}, without: 'methodFor programOf' },
  'southwell/functional-tensors': {
    calls: {
      functionalTucker: (o) => functional.functionalTucker({ rank: 1, ...o }),
      functionalTuckerIterates: (o) => functional.functionalTuckerIterates([[1]], [1], { rank: 1, ...o }),
      matern: (o) => functional.matern(1.5, o),
      chebTucker: (o) => functional.chebTucker(() => 1, o),
      chebTuckerFromCP: (o) =>
        functional.chebTuckerFromCP(
          {
            factors: [ends, ends, ends],
            grids: [
              [0, 1],
              [0, 1],
              [0, 1],
            ],
          },
          o,
        ),
      chebTuckerFromSeparable: (o) =>
        functional.chebTuckerFromSeparable([{ factors: [Math.exp, Math.exp, Math.exp] }], o),
      chebTuckerFromTensor: (o) =>
        functional.chebTuckerFromTensor(
          new tensors.Tensor([2, 2, 2], new Float64Array(8)),
          [
            [0, 1],
            [0, 1],
            [0, 1],
          ],
          o,
        ),
      rhosvd: (o) => functional.rhosvd({ factors: [ends] }, o),
      sincNewton: (o) => functional.sincNewton({ zMin: 1, zMax: 2, ...o }),
    },
    without: 'potentialTerms ChebyshevTucker',
  },
  'southwell/merging': {
    calls: {
      barrier: (o) => merging.barrier(bare, bare, { inputs: tensor([1]), targets: tensor([1]), loss: (y) => y }, o),
      matchWeights: (o) => merging.matchWeights(bare, bare, { spec: { sizes: {}, axes: {} }, ...o }),
      matchWeightsIterates: (o) =>
        merging.matchWeightsIterates(bare, bare, { spec: { sizes: {}, axes: {} }, ...o }).next(),
      mergeModels: (o) => merging.mergeModels([bare, bare], { spec: { sizes: {}, axes: {} }, ...o }),
    },
  },
  'southwell/distributed-methods': {
    calls: {
      topK: (o) => ranks.topK(1, o),
      randK: (o) => ranks.randK(1, o),
      scaledSign: (o) => ranks.scaledSign(o),
      lowRank: (o) => ranks.lowRank(1, o),
      compressedSgd: (o) => ranks.compressedSgd([gradients], [1], { stepSize: 1, maxIter: 1, ...o }),
      compressedSgdProgram: (o) =>
        ranks.compressedSgdProgram(new Communicator(0, 1), [gradients], [1], { stepSize: 1, ...o }).next(),
      feedbackClient: (o) => ranks.feedbackClient(o, Float64Array.of(1)),
      feedbackClientStep: (o) => ranks.feedbackClientStep(o, unused, Float64Array.of(1), unused),
      feedbackDirection: (o) => ranks.feedbackDirection(o, unused, []),
      feedbackServer: (o) => ranks.feedbackServer(o, [1], []),
      feedbackServerStep: (o) => ranks.feedbackServerStep(o, unused, [], 1),
      aggregate: (o) => ranks.aggregate(ends, o),
      randomGeometricGraph: (o) => ranks.randomGeometricGraph(3, o),
      dadao: (o) => ranks.dadao(twoNodes, { maxIter: 1, ...o }),
      dadaoProgram: (o) => ranks.dadaoProgram(new Communicator(0, 1), twoNodes, o).next(),
      adomPlus: (o) => ranks.adomPlus(twoNodes, { maxIter: 1, ...o }),
      adomPlusIterates: (o) => ranks.adomPlusIterates(twoNodes, o).next(),
      msda: (o) => ranks.msda(twoDuals, { maxIter: 1, ...o }),
      msdaIterates: (o) => ranks.msdaIterates(twoDuals, o).next(),
      continuized: (o) => ranks.continuized(twoDuals, { maxIter: 1, ...o }),
      continuizedIterates: (o) => ranks.continuizedIterates(twoDuals, o).next(),
      gossipRates: (o) => ranks.gossipRates(ranks.pathGraph(3), o),
      gossipRatesIterates: (o) => ranks.gossipRatesIterates(ranks.pathGraph(3), o).next(),
      aggregateRanks: (o) => complete(alone((comm) => ranks.aggregateRanks(comm, Float64Array.of(1), o))),
      flagIterates: (o) => ranks.flagIterates(Float64Array.of(1), o).next(),
      flagWeights: (o) => ranks.flagWeights(Float64Array.of(1), o),
      flagMedian: (o) => ranks.flagMedian([ends], 1, o),
      krumWeights: (o) => ranks.krumWeights(Float64Array.of(1), o),
      geometricMedianWeights: (o) => ranks.geometricMedianWeights(Float64Array.of(1), o),
      centeredClippingIterates: (o) => ranks.centeredClippingIterates(Float64Array.of(1), o).next(),
      centeredClippingWeights: (o) => ranks.centeredClippingWeights(Float64Array.of(1), o),
      gradientCode: (o) => ranks.gradientCode(4, 1, o),
      sequentialCode: (o) => ranks.sequentialCode({ kind: 'none', n: 4, ...o }),
      runCoded: (o) => {
        const jobs = { jobs: 1, rows: 1, length: 1, point: () => {}, add: () => {}, finish: () => {} };
        const code = ranks.sequentialCode({ kind: 'none', n: 1 });
        return complete(alone((comm) => ranks.runCoded(comm, code, jobs, o)));
      },
      simulateStragglers: (o) =>
        ranks.simulateStragglers(ranks.sequentialCode({ kind: 'none', n: 1 }), Float64Array.of(1), { jobs: 1, ...o }),
      tuneCode: (o) => ranks.tuneCode(Float64Array.of(1), { n: 1, slope: 0, ...o }),
      tuneCodeIterates: (o) => ranks.tuneCodeIterates(Float64Array.of(1), { n: 1, slope: 0, ...o }).next(),
      gilbertElliott: (o) => ranks.gilbertElliott({ n: 1, rounds: 1, ...o }),
      consensusAdmm: (o) => ranks.consensusAdmm([{ length: 1, prox: (v) => v }], { rho: 1, rounds: 0, ...o }),
      consensusAdmmIterates: (o) => ranks.consensusAdmmIterates(new Communicator(0, 1), [], o).next(),
      consensusAdmmRanks: (o) => ranks.consensusAdmmRanks(new Communicator(0, 1), [], o).next(),
      federatedWls: (o) => ranks.federatedWls([{ X: [[1]], y: [1] }], { rounds: 0, ...o }),
      federatedWlsIterates: (o) => ranks.federatedWlsIterates(new Communicator(0, 1), [], o).next(),
      federatedWlsRanks: (o) => ranks.federatedWlsRanks(new Communicator(0, 1), [], o).next(),
    },
  },
  'southwell/compression': {
    calls: {
      MomentSums: (o) => new compression.MomentSums(2, o),
      momentsOf: (o) => compression.momentsOf([1, 2], 2, o),
      pruneWeights: (o) => compression.pruneWeights(layer, inputs, { method: 'wanda', pattern: { density: 1 }, ...o }),
      reconstructWeights: (o) => compression.reconstructWeights(layer, Uint8Array.of(1, 1), inputs, o),
      quantiseToCodebooks: (o) => compression.quantiseToCodebooks(layer, { bits: 1, ...o }),
      factorizeSparse: (o) => compression.factorizeSparse(layer, inputs, o),
      factorizeSparseIterates: (o) => compression.factorizeSparseIterates(layer, inputs, o).next(),
      minimizeBinaryQuadratic: (o) => compression.minimizeBinaryQuadratic(DenseMatrix.create(1, 1), 1, o),
      pruneIterative: (o) => compression.pruneIterative(losses, sample, o),
      pruneIterativeIterates: (o) => compression.pruneIterativeIterates(losses, sample, o).next(),
      quantiseToGrid: (o) => compression.quantiseToGrid(layer, o),
      calibrate: (o) => compression.calibrate(products, [], [], { full: true, ...o }),
      calibrateOnRanks: (o) =>
        complete(alone((comm) => compression.calibrateOnRanks(comm, products, [], [], { full: true, ...o }))),
      compressToCodebooks: (o) => compression.compressToCodebooks(bare, [tensor([1])], o),
      compressToCodebooksIterates: (o) => compression.compressToCodebooksIterates(bare, [tensor([1])], o).next(),
      compressNetwork: (o) => compression.compressNetwork(products, [0], { method: 'int8', ...o }),
      compressNetworkIterates: (o) =>
        compression.compressNetworkIterates(products, [0], { method: 'int8', ...o }).next(),
    },
    without: 'factorsBytes factorsMultiplications fromCodes fromScaledRows matrixOf',
  },
  'southwell/geometry': {
    calls: {
      analyseDegeneracy: (o) => geometry.analyseDegeneracy(new Float64Array(36), o),
      optimisePoseGraph: (o) => geometry.optimisePoseGraph([geometry.identityPose()], [], o),
      poseGraphIterates: (o) => geometry.poseGraphIterates([geometry.identityPose()], [], o).next(),
      registerMany: (o) => geometry.registerMany([cloud, cloud], o),
      registerPair: (o) => geometry.registerPair(geometry.prepareCloud(cloud), geometry.prepareCloud(cloud), o),
      coarsePose: (o) => geometry.coarsePose(cloud, cloud, o),
      poseCertainty: (o) => geometry.poseCertainty(cloud, cloud, geometry.identityPose(), o),
      prepareCloud: (o) => geometry.prepareCloud([[1, 2, 3]], o),
      registerClouds: (o) => geometry.registerClouds(cloud, cloud, o),
      registerPointToPlane: (o) => geometry.registerPointToPlane([[1, 2, 3]], [[1, 2, 3]], o),
      registrationIterates: (o) => geometry.registrationIterates(cloud, cloud, o),
      solveDegenerate: (o) => geometry.solveDegenerate(new Float64Array(36), new Float64Array(6), o),
    },
    without:
      'isFree weakMotions invertPose poseMatrix rotateVectors stepPose transformPoints poseCovariance pointToPlaneHessian',
  },
  'southwell/tensors': {
    calls: {
      cp: (o) => tensors.cp(cube, { rank: 1, ...o }),
      cpAsync: (o) => tensors.cpAsync(cube, { rank: 1, ...o }),
      cpIterates: (o) => tensors.cpIterates(cube, { rank: 1, ...o }),
      hosvd: (o) => tensors.hosvd(cube, { tol: 1, ...o }),
      hosvdAsync: (o) => tensors.hosvdAsync(cube, { tol: 1, ...o }),
      hosvdIterates: (o) => tensors.hosvdIterates(cube, { tol: 1, ...o }),
      modeProduct: (o) => tensors.modeProduct(cube, 0, X, o),
      multiModeProduct: (o) => tensors.multiModeProduct(cube, [], o),
      randomizedHosvd: (o) => tensors.randomizedHosvd(cube, { ranks: [1, 1], ...o }),
      randomizedHosvdIterates: (o) => tensors.randomizedHosvdIterates(cube, { ranks: [1, 1], ...o }),
      roundTrain: (o) => tensors.roundTrain(unused, { tol: 1, ...o }),
      tensorTrain: (o) => tensors.tensorTrain(cube, { tol: 1, ...o }),
      tensorTrainAsync: (o) => tensors.tensorTrainAsync(cube, { tol: 1, ...o }),
      tensorTrainIterates: (o) => tensors.tensorTrainIterates(cube, { tol: 1, ...o }),
      tuckerAls: (o) => tensors.tuckerAls(cube, { ranks: [1, 1], ...o }),
      tuckerAlsAsync: (o) => tensors.tuckerAlsAsync(cube, { ranks: [1, 1], ...o }),
      tuckerAlsIterates: (o) => tensors.tuckerAlsIterates(cube, { ranks: [1, 1], ...o }),
    },
    without: 'CpModel TrainModel TuckerModel',
  },
  'southwell/losses': { calls: {}, without: 'strataOf' },
  'southwell/penalties': {
    calls: { checkedParameters: (o) => checkedParameters(penalties.mcp, o) },
  },
  'southwell/optimisers': {
    calls: {
      Adam: (o) => new optimisers.Adam(1, o),
      adam: (o) => optimisers.adam(o),
      andersonIterates: (o) => optimisers.andersonIterates((x, out) => out.set(x), [1], o),
      armijo: (o) => optimisers.armijo(o),
      augmentedLagrangianIterates: (o) => optimisers.augmentedLagrangianIterates({ objective: square }, [1], o),
      descentIterates: (o) => optimisers.descentIterates(square, [1], o),
      halving: (o) => optimisers.halving(o),
      heavyBall: (o) => optimisers.heavyBall(o),
      lbfgs: (o) => optimisers.lbfgs(o),
      settling: (o) => optimisers.settling(optimisers.descentIterates(square, [1]), o),
      strongWolfe: (o) => optimisers.strongWolfe(o),
      trustRegionIterates: (o) => optimisers.trustRegionIterates(square, [1], o),
      adagrad: (o) => optimisers.adagrad({ rate: 1, ...o }),
      adamW: (o) => optimisers.adamW({ rate: 1, ...o }),
      cosineDecay: (o) => optimisers.cosineDecay({ rate: 1, steps: 2, ...o }),
      exponentialAverage: (o) => optimisers.exponentialAverage(o),
      exponentialDecay: (o) => optimisers.exponentialDecay({ rate: 1, factor: 0.5, ...o }),
      inverseDecay: (o) => optimisers.inverseDecay({ rate: 1, ...o }),
      inverseRootDecay: (o) => optimisers.inverseRootDecay({ rate: 1, ...o }),
      warmupPowerDecay: (o) => optimisers.warmupPowerDecay({ rate: 1, steps: 2, ...o }),
      tabulatedSchedule: (o) => optimisers.tabulatedSchedule({ rate: 1, values: [1], ...o }),
      refineSchedule: (o) => optimisers.refineSchedule([1, 1], o),
      linearDecay: (o) => optimisers.linearDecay({ rate: 1, steps: 2, ...o }),
      lowRankAdamW: (o) => optimisers.lowRankAdamW({ rate: 1, rank: 1, ...o }),
      muon: (o) => optimisers.muon({ rate: 1, ...o }),
      oneCycle: (o) => optimisers.oneCycle({ rate: 1, steps: 9, ...o }),
      selectBasisColumns: (o) => optimisers.selectBasisColumns([[1]], 1, o),
      sgd: (o) => optimisers.sgd({ rate: 1, ...o }),
      stepDecay: (o) => optimisers.stepDecay({ rate: 1, every: 2, ...o }),
      StochasticLineSearch: (o) => new optimisers.StochasticLineSearch({ stepsPerEpoch: 1, ...o }),
      stochasticIterates: (o) =>
        optimisers.stochasticIterates(
          { examples: 1, parameters: new Float64Array(1), gradient: new Float64Array(1), evaluate: () => 0 },
          optimisers.sgd({ rate: 1 }),
          { epochs: 1, ...o },
        ),
      withCoordinateClipping: (o) =>
        optimisers.withCoordinateClipping(optimisers.sgd({ rate: 1 }), { fraction: 1, ...o }),
      withOrthogonalGradient: (o) => optimisers.withOrthogonalGradient(optimisers.sgd({ rate: 1 }), o),
      targetIterates: (o) => optimisers.targetIterates(target(), o).next(),
      targetOptimize: (o) => optimisers.targetOptimize(target(), o),
      withSurrogate: (o) => optimisers.withSurrogate(optimisers.sgd({ rate: 1 }), { steps: 1, eta: 1, ...o }),
      trion: (o) => optimisers.trion({ rate: 1, rank: 1, ...o }),
      warmupStableDecay: (o) => optimisers.warmupStableDecay({ rate: 1, warmup: 1, stable: 1, decay: 1, ...o }),
    },
  },
  'southwell/diagnostics': {
    calls: {
      clipCoordinates: (o) => diagnostics.clipCoordinates(new Float64Array(1), { fraction: 1, ...o }),
      extremeEigenvalues: (o) => diagnostics.extremeEigenvalues((v, out) => out.set(v), 1, o),
      criticalLearningRate: (o) => diagnostics.criticalLearningRate(DenseMatrix.fromRows([[1]]), o),
      sharpnessMonitor: (o) => diagnostics.sharpnessMonitor((p: Tensor) => p, tensor([1]), tensor([[1]]), o),
      stabilityAnalysis: (o) => diagnostics.stabilityAnalysis(DenseMatrix.fromRows([[1]]), o),
      scalingAlignment: (o) => diagnostics.scalingAlignment([1], [1], o),
      softmaxCollapse: (o) => diagnostics.softmaxCollapse([1, 2], 2, o),
      gradientNoise: (o) => diagnostics.gradientNoise(3, 1, (i, out) => out.fill(i), o),
      hessianTrace: (o) => diagnostics.hessianTrace((v, out) => out.set(v), 1, o),
      spectralDensity: (o) => diagnostics.spectralDensity((v, out) => out.set(v), 1, o),
    },
  },
  'southwell/blocks': {
    calls: {
      blockCoordinateDescent: (o) => blocks.blockCoordinateDescent(problem, { blockSize: 1, ...o }),
      blockCoordinateDescentIterates: (o) => blocks.blockCoordinateDescentIterates(problem, { blockSize: 1, ...o }),
      solveQuadraticSubproblem: (o) =>
        blocks.solveQuadraticSubproblem(
          Float64Array.of(1),
          Float64Array.of(1),
          Int32Array.of(0),
          [0],
          l1(1),
          new Float64Array(1),
          o,
        ),
      redBlack: (o) => blocks.redBlack(o),
      trees: (o) => blocks.trees(o),
      latticeRedBlack: (o) => blocks.latticeRedBlack({ rows: 1, columns: 2, ...o }),
      latticeTrees: (o) => blocks.latticeTrees({ rows: 1, columns: 2, ...o }),
      average: (o) => blocks.average(o),
      sort: (o) => blocks.sort(o),
      gs: (o) => blocks.gs(o),
      gsd: (o) => blocks.gsd(o),
      gsl: (o) => blocks.gsl(o),
      gsqIht: (o) => blocks.gsqIht(o),
      gsqOmp: (o) => blocks.gsqOmp(o),
      greedyTree: (o) => blocks.greedyTree(o),
      backtrackingStep: (o) => blocks.backtrackingStep(o),
    },
  },
  'southwell/black-box': {
    calls: {
      benchmarkRun: (o) => blackBox.benchmarkRun(1, 2, 1, { budget: 5, ...o }),
      auto: (o) => blackBox.auto(context, o),
      bobyqa: (o) => blackBox.bobyqa(context, o),
      cmaEs: (o) => blackBox.cmaEs(context, o),
      cbo: (o) => blackBox.cbo(context, o),
      consensusHopping: (o) => blackBox.consensusHopping(context, o),
      differentialEvolution: (o) => blackBox.differentialEvolution(context, o),
      minimize: (o) => blackBox.minimize(f, { dim: 1, budget: 5, ...o }),
      minimizeAsync: (o) => blackBox.minimizeAsync(f, { dim: 1, budget: 5, ...o }),
      minimizeAsyncIterates: (o) =>
        blackBox.minimizeAsyncIterates(f, search(), { signal: new AbortController().signal, ...o }),
      minimizeIterates: (o) => blackBox.minimizeIterates(f, search(), o),
      nelderMead: (o) => blackBox.nelderMead(context, o),
      praxis: (o) => blackBox.praxis(context, o),
      patternSearch: (o) => blackBox.patternSearch(context, o),
      directSearch: (o) => blackBox.directSearch(context, o),
      attack: (o) => blackBox.attack(network, [1], [1], 1, o),
      optimizeThroughNetwork: (o) => blackBox.optimizeThroughNetwork(throughNetwork, o),
      throughNetworkIterates: (o) => blackBox.throughNetworkIterates(throughNetwork, o),
      Search: (o) => new blackBox.Search({ dim: 1, ...o }),
      simulatedAnnealing: (o) => blackBox.simulatedAnnealing(context, o),
      simulateWorkers: (o) => blackBox.simulateWorkers(f, search(), { jobs: 1, duration: () => 1, ...o }),
      Space: (o) => new blackBox.Space({ dim: 1, ...o }),
      zoDescentAsyncIterates: (o) => blackBox.zoDescentAsyncIterates(f, [1], { steps: 1, ...o }),
      zoDescentOf: (o) => blackBox.zoDescentOf([1], { steps: 1, ...o }, () => Float64Array.of(1)),
      zoGradientAsync: (o) => blackBox.zoGradientAsync(f, [1], o),
    },
    without: 'randomSearch',
  },
  'southwell/structure-learning': {
    calls: {
      bootstrapEdges: (o) => graphs.bootstrapEdges(X, graphMethod, { resamples: 1, ...o }),
      bootstrapDraws: (o) => graphs.bootstrapDraws(X, graphMethod, { seed: 1, ...o }),
      bootstrapIterates: (o) => graphs.bootstrapIterates(X, graphMethod, { resamples: 1, ...o }),
      colide: (o) => graphs.colide(X, { iterations: 5, lastIterations: 5, ...o }),
      colideIterates: (o) => graphs.colideIterates(moments(), o),
      dagma: (o) => graphs.dagma(X, { iterations: 5, lastIterations: 5, ...o }),
      estimateGraph: (o) => graphs.estimateGraph(X, graphMethod, o),
      graphEstimate: (o) => graphs.graphEstimate(run(graphMethod(moments())), moments(), o),
      exactOrder: (o) => graphs.exactOrder(X, o),
      golem: (o) => graphs.golem(X, { iterations: 5, ...o }),
      golemIterates: (o) => graphs.golemIterates(moments(), o),
      moments: (o) => graphs.moments(X, o),
      notears: (o) => graphs.notears(X, o),
      notearsIterates: (o) => graphs.notearsIterates(moments(), o),
      notearsMlp: (o) => graphs.notearsMlp(X, { hidden: 1, maxIter: 1, ...o }),
      notearsMlpIterates: (o) => graphs.notearsMlpIterates(samples(), { hidden: 1, ...o }),
      binarySamples: (o) =>
        graphs.binarySamples(
          labels.map((v, i) => [v, i % 3 === 0 ? 1 : 0]),
          o,
        ),
      samples: (o) => graphs.samples(X, o),
      simulateBinarySem: (o) => graphs.simulateBinarySem(dag, { n: 2, ...o }),
      simulateGraph: (o) => graphs.simulateGraph({ nodes: 2, edges: 1, ...o }),
      simulateNonlinearSem: (o) => graphs.simulateNonlinearSem(dag, { n: 2, ...o }),
      simulateSem: (o) => graphs.simulateSem(dag, { n: 2, ...o }),
      improveDag: (o) => graphs.improveDag(DenseMatrix.create(3, 3), X, o),
      topo: (o) => graphs.topo(X, o),
      topoIterates: (o) => graphs.topoIterates(moments(), o),
      topoMlp: (o) => graphs.topoMlp(X, { hidden: 1, maxIter: 1, ...o }),
      topoMlpIterates: (o) => graphs.topoMlpIterates(samples(), { hidden: 1, ...o }),
      penalisedTopo: (o) => graphs.penalisedTopo(X, o),
      penalisedTopoIterates: (o) => graphs.penalisedTopoIterates(moments(), o),
      variancesAlong: (o) => graphs.variancesAlong(DenseMatrix.create(3, 3), moments(), o),
    },
    without: 'refined unitsAlong',
  },
  'southwell/clustering': {
    calls: {
      fewShotClassify: (o) => clustering.fewShotClassify(rows.slice(0, 4), [0, 1, 0, 1], rows.slice(4), o),
      kMeans: (o) => clustering.kMeans(X, 2, o),
      kMeansIterates: (o) => clustering.kMeansIterates(points(), 2, o),
      laplacianClustering: (o) => clustering.laplacianClustering(X, 2, o),
      laplacianIterates: (o) => clustering.laplacianIterates(points(), 2, W, o),
      gaussianMixture: (o) => clustering.gaussianMixture(X, 2, o),
      mixtureIterates: (o) => clustering.mixtureIterates(points(), 2, o),
      nearestNeighbours: (o) => clustering.nearestNeighbours(X, 2, o),
      neighbourAffinity: (o) => clustering.neighbourAffinity(clustering.nearestNeighbours(X, 2), o),
      neighbourIterates: (o) => clustering.neighbourIterates(points(), 2, o),
      spectralIterates: (o) => clustering.spectralIterates(W, 2, o),
    },
    without: 'mixturePosteriors neighbourScale project',
  },
  'southwell/factorisation': {
    calls: {
      ...svdCalls,
      alternating: (o) =>
        factorisation.alternating(observed, {
          rank: 1,
          regress: factorisation.libraryRegress({ solver: 'exact' }),
          ...o,
        }),
      libraryRegress: (o) => factorisation.libraryRegress({ solver: 'cg', ...o }),
      orthogonalDictionary: (o) => factorisation.orthogonalDictionary(X, o),
      orthogonalDictionaryAsync: (o) => factorisation.orthogonalDictionaryAsync(X, o),
      orthogonalDictionaryIterates: (o) => factorisation.orthogonalDictionaryIterates(X, o),
      ccaExact: (o) => factorisation.ccaExact(views, o),
      ccaExactIterates: (o) => factorisation.ccaExactIterates(views, o),
      pls: (o) => factorisation.pls(views, o),
      completeMatrix: (o) => factorisation.completeMatrix(entries, { rank: 1, ...o }),
      completeMatrixAsync: (o) => factorisation.completeMatrixAsync(entries, { rank: 1, ...o }),
      completionIterates: (o) => factorisation.completionIterates(observed, { rank: 1, ...o }),
      prepareCompletion: (o) => factorisation.prepareCompletion(entries, { rank: 1, ...o }),
      prepareEntries: (o) => factorisation.prepareEntries(entries, o),
      determination: (o) =>
        factorisation.determination(
          { rows: 1, cols: 1, row: [0], col: [0] },
          { left: new Float64Array(1), right: new Float64Array(1) },
          1,
          o,
        ),
      foldInRow: (o) => factorisation.foldInRow({ right: new Float64Array(1), rank: 1, lambda: 0, ...o }, [], []),
      foldInImplicit: (o) =>
        factorisation.foldInImplicit({ right: new Float64Array(1), rank: 1, alpha: 1, lambda: 1, ...o }, [], []),
      implicitFactors: (o) => factorisation.implicitFactors(entries, { rank: 1, ...o }),
      implicitFactorsAsync: (o) => factorisation.implicitFactorsAsync(entries, { rank: 1, ...o }),
      implicitIterates: (o) => factorisation.implicitIterates(entries, { rank: 1, ...o }),
      areaUnderCurve: (o) =>
        factorisation.areaUnderCurve({ predict: () => 0 }, entries, entries, { relevant: 1, ...o }),
      dictionaryLearning: (o) => factorisation.dictionaryLearning(X, { atoms: 2, alpha: 1, ...o }),
      dictionaryLearningAsync: (o) => factorisation.dictionaryLearningAsync(X, { atoms: 2, alpha: 1, ...o }),
      dictionaryLearningIterates: (o) => factorisation.dictionaryLearningIterates(X, { atoms: 2, alpha: 1, ...o }),
      eyIterates: (o) =>
        factorisation.eyIterates(
          (v, out) => out.set(v),
          (v, out) => out.set(v),
          2,
          1,
          o,
        ),
      inexactAlternating: (o) => factorisation.inexactAlternating(observed, { rank: 1, ...o }),
      rankingMetrics: (o) =>
        factorisation.rankingMetrics(factorisation.completeMatrix(entries, { rank: 1 }), entries, entries, {
          ...{ n: 1, relevant: 1 },
          ...o,
        }),
      nmf: (o) => factorisation.nmf(positive, { rank: 1, ...o }),
      nmfAsync: (o) => factorisation.nmfAsync(positive, { rank: 1, ...o }),
      nmfScores: (o) => factorisation.nmfScores(positive, DenseMatrix.fromRows([[1, 1, 1]]), o),
      nmfIterates: (o) => factorisation.nmfIterates(positive, { rank: 1, ...o }),
      OnlineDictionary: (o) => new factorisation.OnlineDictionary({ atoms: 2, alpha: 1, ...o }),
      onlineDictionary: (o) => factorisation.onlineDictionary({ atoms: 2, alpha: 1, ...o }),
      onlineDictionaryIterates: (o) =>
        factorisation.onlineDictionaryIterates(factorisation.onlineDictionary({ atoms: 2, alpha: 1 }), [X], o),
      OnlineOrthogonalDictionary: (o) => new factorisation.OnlineOrthogonalDictionary({ dim: 3, ...o }),
      onlineOrthogonalDictionary: (o) => factorisation.onlineOrthogonalDictionary({ dim: 3, ...o }),
      onlineOrthogonalIterates: (o) =>
        factorisation.onlineOrthogonalIterates(factorisation.onlineOrthogonalDictionary({ dim: 3 }), [X], o),
      solveRegressions: (o) =>
        factorisation.solveRegressions(observed.byCol, new Float64Array(4), 1, { solver: 'exact', ...o }),
      sparseCodes: (o) => factorisation.sparseCodes(DenseMatrix.fromRows([[1], [0], [0]]), X, { alpha: 1, ...o }),
      SparseDictionary: (o) =>
        new factorisation.SparseDictionary(DenseMatrix.fromRows([[1], [0], [0]]), { alpha: 1, ...o }),
      sparsePca: (o) => factorisation.sparsePca(X, { rank: 1, ...o }),
      sparsePcaAsync: (o) => factorisation.sparsePcaAsync(X, { rank: 1, ...o }),
      StochasticCca: (o) => new factorisation.StochasticCca(o),
      supervisedDictionary: (o) => factorisation.supervisedDictionary({ rank: 1, ...o }),
      supervisedIterates: (o) => factorisation.supervisedIterates(supervisedData(), { rank: 1, ...o }),
      supervisedData: (o) => factorisation.supervisedData(positive, labels, o),
      liftedIterates: (o) =>
        factorisation.liftedIterates(supervisedData(), { rank: 1, xi: 1, model: 'filter', l2: 1, seed: 0, ...o }),
      takeViews: (o) => factorisation.takeViews(views, o),
    },
    without: 'Nmf',
  },
};

/** Lets a generator begin and a promise end. */
async function drive(value: unknown): Promise<void> {
  const found = (await value) as { next?: () => unknown; [Symbol.iterator]?: () => Iterator<unknown> } | undefined;
  if (typeof found?.next === 'function') await found.next();
  else if (typeof found?.[Symbol.iterator] === 'function') found[Symbol.iterator]!().next();
}

/** Neither what has no place nor its being undefined goes through; without it the same call does. */
async function refuses(call: (extra: Extra) => unknown): Promise<void> {
  for (const value of [1, undefined]) {
    const thrown = await drive((async () => call({ unknownOption: value }))()).catch((error) => error);
    expect(thrown).toBeInstanceOf(SouthwellError);
    expect(thrown).toMatchObject({ code: 'INVALID_PARAMETER', message: /has no option 'unknownOption'; / });
  }
  const bare = await drive((async () => call({}))()).catch((error: Error) => error.message);
  expect(bare ?? '').not.toMatch(/has no option/);
}

/** Whether a function or a constructor has a parameter called options, or one that it takes apart. */
function takesOptions(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const text = value.toString();
  const begin = text.startsWith('class') ? text.search(/\bconstructor\s*\(/) : text.search(/\(|=>/);
  if (begin < 0) return false;
  const from = text.indexOf('(', begin) + 1;
  let depth = 1;
  let at = from;
  while (depth > 0 && at < text.length) {
    if ('([{'.includes(text[at])) depth++;
    if (')]}'.includes(text[at])) depth--;
    at++;
  }
  return /\boptions\b|\{/.test(text.slice(from, at - 1));
}

/** The tests of a room, as text. */
function testsOf(room: string): string {
  const [, house, name = ''] = room.match(/^@?(southwell(?:\/autodiff)?)\/?(.*)$/)!;
  const folder = new URL(`../packages/${house.replace('southwell/', '')}/src/${name}/`, import.meta.url);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  return names.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
}

const folders = readdirSync(new URL('../packages/southwell/src', import.meta.url), { withFileTypes: true });
/** Every room by its folder; one whose own tests cover it all needs no entry. */
const found = [
  '@southwell/autodiff',
  '@southwell/autodiff/complex',
  '@southwell/autodiff/nn',
  '@southwell/autodiff/tokenisers',
  'southwell',
  ...folders.filter((entry) => entry.isDirectory()).map(({ name }) => `southwell/${name}`),
];

test('no room is here that is not there', () => {
  expect(Object.keys(rooms).filter((name) => !found.includes(name))).toEqual([]);
});

describe.each(found)('%s', (name) => {
  const { calls, without = '' } = rooms[name] ?? { calls: {} };

  test('every exported function that takes options is called, here or in a test of its own', async () => {
    const exported: Readonly<Record<string, unknown>> = await import(name);
    const taking = Object.keys(exported).filter((key) => takesOptions(exported[key]));
    const listed = without.split(/\s+/).filter((key) => key !== '');
    const elsewhere = taking.filter((key) => testsOf(name).includes(`refusesUnknown('${key}'`));
    expect(taking.filter((key) => ![...Object.keys(calls), ...listed, ...elsewhere].includes(key))).toEqual([]);
    // Nothing that is gone, and no exception that is none.
    expect(Object.keys(calls).filter((key) => typeof exported[key] !== 'function')).toEqual([]);
    expect(listed.filter((key) => !taking.includes(key))).toEqual([]);
  });

  test.each(Object.entries(calls))('%s', (_, call) => refuses(call));
});

const estimators = {
  lasso: [linear.lasso(), y],
  logisticRegression: [linear.logisticRegression(), labels],
  groupLasso: [linear.groupLasso({ groups: 1 }), y],
  slope: [linear.slope(), y],
  multitaskLasso: [linear.multitaskLasso(), rows],
  multinomialRegression: [linear.multinomialRegression(), labels],
} as unknown as Readonly<Record<string, readonly [linear.Estimator<unknown>, unknown]>>;

describe.each(Object.entries(estimators))('%s', (_, [estimator, target]) => {
  test.each(['alphaMax', 'fit', 'path', 'prepare'] as const)('%s', (name) =>
    refuses((o) => estimator[name](X, target, o)),
  );
  test('crossValidate', () => refuses((o) => estimator.crossValidate(X, target, { folds: 2, nAlphas: 3, ...o })));
  test('model of what is prepared', () => refuses((o) => estimator.prepare(X, target).model(0.1, o)));
});

const more: Calls = {
  'a client of a protocol': (o) => privacy.ldpSparseRegression(agreed).client(o),
  'an encoding': (o) => privacy.ldpSparseRegression(agreed).client().encode([1], 1, o),
  'a model of the catalogue': (o) => linear.linearModels.lasso.make(o),
  'a prediction': (o) => linear.lasso().fit(X, y).predict(X, o),
  'parameters of a penalty': (o) =>
    linear.penalisedRegression({ penalty: { type: 'mcp', ...o } as linear.PenaltySpec<'mcp'> }).fit(X, y),
  'the keeping of checkpoints': (o) => run(once(), { checkpoint: { save: () => {}, ...o } }),
  'the keeping of checkpoints of a path': (o) =>
    linear.lasso().path(X, y, { nAlphas: 2, checkpoint: { save: () => {}, ...o } }),
  'a rule by name': (o) => blocks.blockCoordinateDescent(problem, { blockSize: 1, selection: { rule: 'GS', ...o } }),
  'a rule without options': (o) =>
    blocks.blockCoordinateDescent(problem, { blockSize: 1, update: { rule: 'matrix', ...o } }),
  'a method by name': (o) => new blackBox.Search({ dim: 1, method: { name: 'cma-es', ...o } }),
  'a method without options': (o) => new blackBox.Search({ dim: 1, method: { name: 'random-search', ...o } }),
  'a solve of prepared entries': (o) => factorisation.prepareCompletion(entries, { rank: 1 }).solve(undefined, o),
  'codes of an orthogonal dictionary': (o) => factorisation.orthogonalDictionary(X).point.encode(X, o),
  'fit of CCA by batches': (o) => new factorisation.StochasticCca().fit(views, o),
  'fit of a supervised dictionary': (o) => factorisation.supervisedDictionary({ rank: 1 }).fit(positive, labels, o),
  'signs of a supervised dictionary': (o) => factorisation.supervisedDictionary({ rank: 1, nonNegative: o }),
};

test.each(Object.entries(more))('%s', (_, call) => refuses(call));

test('the sentence names what was meant', () => {
  expect(() => linear.lasso({ alpa: 1 } as object)).toThrow("lasso has no option 'alpa'; did you mean 'alpha'?");
  expect(() => clustering.kMeans(X, 3, { restrats: 2 } as object)).toThrow(
    "kMeans has no option 'restrats'; did you mean 'restarts'?",
  );
  expect(() => linear.lasso().fit(X, y, { weights: [1] } as object)).toThrow(
    /^fit has no option 'weights'; it has sampleWeight, offset, /,
  );
  const penalty = { type: 'mcp', gama: 2 } as linear.PenaltySpec;
  expect(() => linear.penalisedRegression({ penalty }).fit(X, y)).toThrow(
    "MCP has no option 'gama'; did you mean 'gamma'?",
  );
});
