import { combination } from './anderson.ts';
import { combined } from './consensusClient.ts';
import type { Residual, Server } from './engine.ts';
import { meanOf, norm, squaredDistance } from './vectors.ts';

export interface DualSettings {
  readonly clients: number;
  readonly start: Float64Array;
  readonly rho: number;
  /** Whether ρ follows the residuals. */
  readonly balanced: boolean;
  readonly relaxation: number;
  readonly memory: number;
  /** Weights by coefficient. */
  readonly l1: Float64Array;
  readonly ridge: Float64Array;
}

/** Rounds after which ρ may change; their distances grow, so that the rest of a run has one ρ. */
const BALANCED = new Set([5, 10, 20, 40, 80]);
/** ρ changes if one residual is this many times the other, by at most this factor. */
const UNBALANCED = 3;
const MOST = 10;
/** A combination is given up if the residual then is this many times that before. */
const GROWTH = 2;
/** After so many of these, steps are no longer combined, and converge as plain ones do. */
const GIVEN_UP = 20;

interface DualServerState {
  readonly point: Float64Array;
  readonly rho: number;
  readonly weights: Float64Array;
  readonly variables: readonly Float64Array[];
  readonly last: readonly Float64Array[];
  readonly results: ReadonlyArray<readonly Float64Array[]>;
  readonly residuals: ReadonlyArray<readonly Float64Array[]>;
  readonly distances: Float64Array;
  readonly size: number;
  readonly growths: number;
  readonly taken: number;
}

/** The server of the dual form: keeps the variables of all clients, combines their results, and applies the penalty. */
export class DualServer implements Server {
  point: Float64Array;
  rho: number;
  /** How results of the last rounds combine to the variables, the newest last. */
  private weights: Float64Array = Float64Array.of(1);
  /** s of each client. */
  private variables: Float64Array[];
  /** The last result of each client. */
  private last: Float64Array[];
  /** Results by round, and their differences from the variables. */
  private results: Float64Array[][] = [];
  private residuals: Float64Array[][] = [];
  private distances: Float64Array;
  private size = Number.POSITIVE_INFINITY;
  private growths = 0;
  private taken = 0;

  constructor(private readonly settings: DualSettings) {
    const { start, clients, rho } = settings;
    this.point = start.slice();
    this.rho = rho;
    this.variables = Array.from({ length: clients }, () => start.slice());
    this.last = this.variables;
    this.distances = new Float64Array(clients).fill(Number.NaN);
  }

  message(): Float64Array {
    const { point, rho, weights } = this;
    return Float64Array.of(...point, rho, weights.length, ...weights);
  }

  metrics(): Readonly<Record<string, number>> {
    return { rho: this.rho };
  }

  take(clients: readonly number[], answers: readonly Float64Array[]): Residual | undefined {
    if (answers.length === 0) return undefined;
    const { relaxation, memory, balanced } = this.settings;
    const all = answers.length === this.variables.length;
    this.taken++;
    const result = [...this.last];
    clients.forEach((client, i) => {
      result[client] = answers[i];
      this.distances[client] = squaredDistance(answers[i], this.variables[client]);
    });
    const before = this.point;
    const residual = result.map((f, k) => f.map((v, i) => v - this.variables[k][i]));
    const size = Math.sqrt(residual.reduce((sum, f) => sum + norm(f) ** 2, 0));
    const grown = this.weights.length > 1 && !(size <= GROWTH * this.size);
    if (grown) this.growths++;
    const depth = all && !grown && this.growths < GIVEN_UP ? memory : 0;
    if (depth === 0) [this.results, this.residuals] = [[], []];
    this.last = result;
    this.results.push(result);
    this.residuals.push(residual);
    if (this.results.length > depth + 1) {
      this.results.shift();
      this.residuals.shift();
    }
    this.size = size;
    this.combine();
    const value = Math.sqrt(this.distances.reduce((a, b) => a + b, 0) / this.distances.length) / relaxation;
    if (balanced && all && BALANCED.has(this.taken)) this.balance(before, size / relaxation);
    if (Number.isNaN(value)) return undefined;
    const scale = norm(this.point);
    return { value, relative: value === 0 ? 0 : value / (scale > 0 ? scale : 1) };
  }

  private combine(): void {
    this.weights = combination(this.residuals);
    this.variables = this.variables.map((_, k) =>
      combined(
        this.results.map((of) => of[k]),
        this.weights,
      ),
    );
    this.point = this.penalised(meanOf(this.variables, this.point.length));
  }

  /** argmin h(w) + Kρ/2 ‖w − mean‖². */
  private penalised(mean: Float64Array): Float64Array {
    const { l1, ridge, clients } = this.settings;
    const scale = clients * this.rho;
    return mean.map((v, i) => {
      const shrunk = l1[i] === 0 ? v : Math.sign(v) * Math.max(0, Math.abs(v) - l1[i] / scale);
      return shrunk / (1 + ridge[i] / scale);
    });
  }

  /** Moves ρ towards that for which the relative primal and dual residuals are equal; scaled dual variables change with it, and combinations begin anew. */
  private balance(before: Float64Array, primal: number): void {
    const { variables, point, rho, settings } = this;
    const root = Math.sqrt(settings.clients);
    const duals = Math.sqrt(variables.reduce((sum, s) => sum + squaredDistance(s, point), 0));
    const moved = root * Math.sqrt(squaredDistance(point, before));
    const ratio = (primal * duals) / (root * norm(point) * moved);
    if (!(ratio > UNBALANCED || ratio < 1 / UNBALANCED) || !Number.isFinite(ratio)) return;
    const factor = Math.min(MOST, Math.max(1 / MOST, Math.sqrt(ratio)));
    const { last } = this;
    // The last results are taken as they are, as their combination belonged to the old ρ.
    this.weights = Float64Array.of(1);
    this.point = this.penalised(meanOf(last, point.length));
    this.rho = rho * factor;
    const inverse = rho / this.rho;
    this.variables = last.map((s) =>
      s.map((v, i) => (inverse === 1 ? v : this.point[i] + inverse * (v - this.point[i]))),
    );
    [this.results, this.residuals] = [[], []];
    this.size = Number.POSITIVE_INFINITY;
  }

  state(): DualServerState {
    const { point, rho, weights, variables, last, results, residuals, distances, size, growths, taken } = this;
    const copy = (of: readonly Float64Array[]) => of.map((v) => v.slice());
    return {
      ...{ point: point.slice(), rho, weights: weights.slice(), variables: copy(variables), last: copy(last) },
      ...{ results: results.map(copy), residuals: residuals.map(copy), distances: distances.slice() },
      ...{ size, growths, taken },
    };
  }

  restore(state: unknown): void {
    const { point, rho, weights, variables, last, results, residuals, distances, ...numbers } =
      state as DualServerState;
    const copy = (of: readonly Float64Array[]) => of.map((v) => v.slice());
    [this.point, this.rho, this.weights] = [point.slice(), rho, weights.slice()];
    [this.variables, this.last, this.distances] = [copy(variables), copy(last), distances.slice()];
    [this.results, this.residuals] = [results.map(copy), residuals.map(copy)];
    [this.size, this.growths, this.taken] = [numbers.size, numbers.growths, numbers.taken];
  }
}
