import type { Status } from '@southwell/numerics/core';
import type { ModelOptions, Scoring } from 'southwell/linear-models';

/** Everything the fit command was asked for: plain data, so that it can be sent to a worker. */
export interface FitRequest extends Omit<ModelOptions, 'groups'> {
  readonly data: string;
  readonly format?: string;
  readonly target?: string;
  /** What a multitask lasso predicts. */
  readonly targets?: readonly string[];
  /** Lists of columns that enter a group lasso together. */
  readonly groups?: ReadonlyArray<readonly string[]>;
  readonly model?: string;
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly weights?: string;
  readonly offset?: string;
  readonly time?: string;
  readonly event?: string;
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly path: boolean;
  /** Folds, if cross-validation was asked for. */
  readonly cv?: number;
  readonly rule: 'min' | '1se';
  readonly seed: number;
  readonly nAlphas?: number;
  readonly eps?: number;
  readonly scoring?: Scoring;
  /** For the folds; several only where the data are large enough to gain by it. */
  readonly threads?: number;
  readonly timeLimit?: number;
  /** The command as typed, for the report and the saved model. */
  readonly command: string;
  readonly wantReport: boolean;
}

export interface Coefficient {
  readonly name: string;
  /** The class or target that it counts for, where there are several. */
  readonly response?: string;
  readonly value: number;
  /** The effect of one standard deviation of the feature. */
  readonly perSd: number;
}

/** Everything the fit command has to tell: plain data, for the table, --json and the report. */
export interface FitResult {
  readonly data: {
    readonly name: string;
    readonly rows: number;
    readonly features: number;
    readonly density: number;
    readonly target: string;
    readonly classes?: ReadonlyArray<{ readonly label: string; readonly rows: number }>;
    readonly targetMean?: number;
    readonly targetSd?: number;
    readonly events?: number;
    readonly notes: readonly string[];
  };
  readonly model: {
    readonly kind: string;
    readonly title: string;
    readonly loss: string;
    readonly alpha: number;
    readonly l1Ratio?: number;
    readonly standardize: boolean;
    /** By class or target where there are several. */
    readonly intercept: number | Readonly<Record<string, number>>;
    /** Features with a coefficient that is not zero. */
    readonly active: number;
    /** Non-zero, largest effect of one standard deviation first. */
    readonly coefficients: readonly Coefficient[];
  };
  readonly fit: {
    readonly status: Status;
    readonly objective: number;
    readonly gap?: number;
    readonly certificate?: string;
    readonly iterations: number;
    readonly seconds: number;
    readonly message: string;
  };
  readonly path?: {
    readonly alphas: readonly number[];
    readonly active: readonly number[];
    readonly devianceRatio: readonly number[];
    readonly aic: readonly number[];
    readonly bic: readonly number[];
    readonly chosenBy: string;
  };
  readonly crossValidation?: {
    readonly folds: number;
    readonly scoring: string;
    readonly greaterIsBetter: boolean;
    readonly alphas: readonly number[];
    readonly mean: readonly number[];
    readonly standardError: readonly number[];
    readonly min: ChosenPoint;
    readonly oneStandardError: ChosenPoint;
    readonly rule: 'min' | '1se';
  };
  /** What might make a better model: sentences. */
  readonly advice: readonly string[];
  /** The relative gap asked for. */
  readonly tol: number;
  /** Seconds of everything: reading, fitting, cross-validating. */
  readonly seconds: number;
}

export interface ChosenPoint {
  readonly index: number;
  readonly alpha: number;
  readonly score: number;
  readonly standardError: number;
  readonly active: number;
}

/** What only the report draws. */
export interface Curves {
  readonly path?: {
    readonly alphas: number[];
    readonly lines: Array<{ name: string; values: number[] }>;
    left: number;
  };
  /** For each alpha: seconds since its fit began, relative gap. */
  readonly convergence: Array<{ kept: boolean; seconds: number[]; gap: Array<number | null> }>;
}

export interface FitOutcome {
  readonly result: FitResult;
  readonly modelText: string;
  readonly curves?: Curves;
}
