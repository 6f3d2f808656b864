import { fail } from '@southwell/numerics/core';
import type { BaselineHazard } from '../losses/index.ts';
import { type FitReport, type Label, LinearModel, type Link, type Relaxed, type SparsePoint } from './model.ts';
import { strengthRecords } from './records.ts';
import { relaxRecords } from './selection/relaxation.ts';
import { SparseVector } from './sparseVector.ts';
import { MultiResponseModel } from './structured/multiResponseModel.ts';

/** Version of the formats below; readers reject newer versions. */
const VERSION = 1;

const LINEAR = 'southwell-linear-model';
const MULTI = 'southwell-multi-response-model';

/**
 * A model as JSON text, format 'southwell-linear-model' or 'southwell-multi-response-model', version 1: loss, alpha,
 * the non-zero coefficients with their column numbers, intercepts, names, classes, baseline hazards, and the report
 * without its trace; `extra` (plain JSON, e.g. the encoding of the data) is stored unchanged. Doubles are written so
 * that they are read back bit for bit.
 */
export function saveModel(model: LinearModel | MultiResponseModel, extra?: unknown): string {
  const { trace: _, ...report } = model.report;
  const shared = { featureNames: model.featureNames, classes: model.classes, report, extra };
  const data =
    model instanceof LinearModel
      ? {
          format: LINEAR,
          version: VERSION,
          loss: model.loss,
          link: model.link,
          alpha: model.alpha,
          intercept: model.intercept,
          features: model.sparseCoef.length,
          ...columnsOf(model.sparseCoef),
          ...(model.baselineHazard && { baselineHazard: model.baselineHazard.map(storedBaseline) }),
          ...(model.relaxed && { relaxed: storedRelaxed(model.relaxed) }),
          ...shared,
        }
      : {
          format: MULTI,
          version: VERSION,
          loss: model.loss,
          alpha: model.alpha,
          intercepts: Array.from(model.intercepts),
          features: model.sparseCoef[0].length,
          coef: model.sparseCoef.map(columnsOf),
          ...shared,
        };
  return `${JSON.stringify(data, null, 1)}\n`;
}

const storedBaseline = ({ stratum, times, logCumulative, lastTime }: BaselineHazard) => ({
  stratum,
  times: [...times],
  logCumulative: [...logCumulative],
  lastTime,
});

const columnsOf = ({ indices, values }: SparseVector) => ({ columns: [...indices], values: [...values] });

const storedRelaxed = ({ gamma, penalised, unpenalised }: Relaxed) => {
  const stored = ({ coef, intercept }: SparsePoint) => ({ intercept, ...columnsOf(coef) });
  return { gamma, penalised: stored(penalised), ...(unpenalised && { unpenalised: stored(unpenalised) }) };
};

const LINKS: readonly Link[] = ['identity', 'log', 'logit', 'sign', 'cox'];

const bad = (why: string): never => fail('INVALID_FORMAT', `This is not a southwell model: ${why}.`);

const isNumbers = (v: unknown): v is number[] =>
  Array.isArray(v) && v.every((x) => typeof x === 'number' && Number.isFinite(x));

/** The fields common to both formats, checked. */
function read(text: string, format: string, reader: string) {
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return bad(`it is not JSON (${(error as Error).message})`);
  }
  const found = data !== null && typeof data === 'object' ? data.format : undefined;
  if (found !== format && (found === LINEAR || found === MULTI)) {
    fail('INVALID_FORMAT', `This model has format "${found}": read it with ${reader}.`);
  }
  if (found !== format) return bad(`its format field is not "${format}"`);
  if (data.version !== VERSION) {
    return bad(
      `it has version ${String(data.version)} where this southwell reads version ${VERSION}; update southwell`,
    );
  }
  const { features } = data;
  const alpha = data.alpha as number;
  if (!Number.isInteger(features) || (features as number) < 1) return bad('features must be a whole number above 0');
  if (alpha === undefined || alpha === null) return bad('alpha is missing');
  if (!strengthRecords.alpha.allows(alpha))
    return bad(`its alpha must be ${strengthRecords.alpha.range}, but is ${alpha}`);
  const p = features as number;
  const names = data.featureNames as string[] | undefined;
  if (names !== undefined && (!Array.isArray(names) || names.length !== p))
    return bad('featureNames do not match features');
  const classes = data.classes as Label[] | undefined;
  const report = { ...(data.report as object), trace: [] } as unknown as FitReport;
  return { data, p, alpha, names, classes, report };
}

/** Coefficients from column numbers and values. */
function unpack(stored: unknown, p: number): Float64Array {
  const { columns, values } = (stored ?? {}) as Record<string, unknown>;
  if (!isNumbers(columns) || !isNumbers(values) || columns.length !== values.length)
    return bad('columns and values do not match');
  const coef = new Float64Array(p);
  columns.forEach((j, k) => {
    if (!Number.isInteger(j) || j < 0 || j >= p) bad(`column ${j} lies outside 0 … ${p - 1}`);
    coef[j] = values[k];
  });
  return coef;
}

/** Baseline hazards, which older versions did not save. */
function unpackBaselines(stored: unknown): BaselineHazard[] | undefined {
  if (stored === undefined) return undefined;
  if (!Array.isArray(stored) || stored.length === 0) return bad('baselineHazard must be a list');
  const strata = stored.length > 1 || stored[0]?.stratum !== undefined;
  return stored.map((one) => {
    const { stratum, times, logCumulative, lastTime } = (one ?? {}) as Record<string, unknown>;
    if (!isNumbers(times) || !isNumbers(logCumulative) || times.length !== logCumulative.length)
      return bad('times and logCumulative of baselineHazard do not match');
    if (times.some((t, k) => k > 0 && !(t > times[k - 1]))) return bad('times of baselineHazard do not ascend');
    if (typeof lastTime !== 'number') return bad('lastTime of baselineHazard is missing');
    if (strata && typeof stratum !== 'number' && typeof stratum !== 'string')
      return bad('a stratum of baselineHazard is missing');
    return {
      ...(strata && { stratum: stratum as number | string }),
      times: Float64Array.from(times),
      logCumulative: Float64Array.from(logCumulative),
      lastTime,
    };
  });
}

/** The two parts of a relaxed model. */
function unpackRelaxed(stored: unknown, p: number): Relaxed | undefined {
  if (stored === undefined) return undefined;
  const { gamma, penalised, unpenalised } = (stored ?? {}) as Partial<Relaxed>;
  if (gamma === undefined || !relaxRecords.gammas.allows([gamma]))
    return bad('gamma of relaxed is not between 0 and 1');
  const point = (part: unknown): SparsePoint => {
    const { intercept } = (part ?? {}) as Record<string, unknown>;
    if (typeof intercept !== 'number') return bad('an intercept of relaxed is missing');
    return { coef: new SparseVector(unpack(part, p)), intercept };
  };
  return { gamma, penalised: point(penalised), ...(unpenalised !== undefined && { unpenalised: point(unpenalised) }) };
}

/**
 * Reads a LinearModel written by {@link saveModel}; throws SouthwellError INVALID_FORMAT with the reason for anything
 * else.
 */
export function loadModel(text: string): { model: LinearModel; extra: unknown } {
  const { data, p, alpha, names, classes, report } = read(text, LINEAR, 'loadMultiResponseModel');
  const { intercept, link } = data;
  if (typeof intercept !== 'number') return bad('the intercept is missing');
  if (!LINKS.includes(link as Link)) return bad(`there is no link ${String(link)}`);
  if (classes !== undefined && (!Array.isArray(classes) || classes.length !== 2))
    return bad('classes must be two labels');
  const coef = unpack(data, p);
  const loss = String(data.loss);
  const baseline = unpackBaselines(data.baselineHazard);
  const relaxed = unpackRelaxed(data.relaxed, p);
  return {
    model: new LinearModel(loss, link as Link, coef, intercept, alpha, report, classes, names, baseline, relaxed),
    extra: data.extra,
  };
}

/** Reads either kind of model; throws as {@link loadModel}. */
export function loadAnyModel(text: string): { model: LinearModel | MultiResponseModel; extra: unknown } {
  let format: unknown;
  try {
    format = JSON.parse(text)?.format;
  } catch {
    // loadModel reports what is wrong.
  }
  return format === MULTI ? loadMultiResponseModel(text) : loadModel(text);
}

/** Reads a multinomial or multitask model written by {@link saveModel}; throws as {@link loadModel}. */
export function loadMultiResponseModel(text: string): { model: MultiResponseModel; extra: unknown } {
  const { data, p, alpha, names, classes, report } = read(text, MULTI, 'loadModel');
  const { loss, intercepts, coef } = data;
  if (loss !== 'multinomial' && loss !== 'squared') return bad(`there is no loss ${String(loss)}`);
  if (!isNumbers(intercepts) || intercepts.length === 0) return bad('intercepts must be numbers');
  if (!Array.isArray(coef) || coef.length !== intercepts.length) return bad('coef and intercepts do not match');
  if ((loss === 'multinomial') !== (classes !== undefined)) return bad('classes go with the multinomial loss');
  if (classes !== undefined && (!Array.isArray(classes) || classes.length !== coef.length))
    return bad('classes do not match coef');
  const columns = coef.map((stored) => unpack(stored, p));
  return {
    model: new MultiResponseModel(loss, columns, Float64Array.from(intercepts), alpha, report, classes, names),
    extra: data.extra,
  };
}
