import { fail } from '../core/index.ts';
import { type Label, LinearModel, type Link } from './model.ts';

/** Version of the format below; readers refuse what is newer. */
const VERSION = 1;

/**
 * A model as JSON text, format 'southwell-linear-model' version 1: loss, link, alpha, intercept, non-zero coefficients
 * with their column numbers, names, classes, the report without its trace; `extra` (plain JSON, e.g. the encoding of
 * the data) is stored as it is. Doubles are written so that they read back bit for bit.
 */
export function saveModel(model: LinearModel, extra?: unknown): string {
  const columns: number[] = [];
  const values: number[] = [];
  model.coef.forEach((b, j) => {
    if (b !== 0) {
      columns.push(j);
      values.push(b);
    }
  });
  const { trace: _, ...report } = model.report;
  return `${JSON.stringify(
    {
      format: 'southwell-linear-model',
      version: VERSION,
      loss: model.loss,
      link: model.link,
      alpha: model.alpha,
      intercept: model.intercept,
      features: model.coef.length,
      columns,
      values,
      featureNames: model.featureNames,
      classes: model.classes,
      report,
      extra,
    },
    null,
    1,
  )}\n`;
}

const LINKS: readonly Link[] = ['identity', 'log', 'logit', 'sign', 'cox'];

/** Reads what {@link saveModel} wrote; throws SouthwellError INVALID_FORMAT with the reason for anything else. */
export function loadModel(text: string): { model: LinearModel; extra: unknown } {
  const bad = (why: string): never => fail('INVALID_FORMAT', `This is not a southwell model: ${why}.`);
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return bad(`it is not JSON (${(error as Error).message})`);
  }
  if (data === null || typeof data !== 'object' || data.format !== 'southwell-linear-model') {
    return bad('its format field is not "southwell-linear-model"');
  }
  if (data.version !== VERSION) {
    return bad(
      `it has version ${String(data.version)} where this southwell reads version ${VERSION}; update southwell`,
    );
  }
  const { features, columns, values, intercept, alpha, link } = data as Record<string, unknown>;
  const numbers = (v: unknown): v is number[] =>
    Array.isArray(v) && v.every((x) => typeof x === 'number' && Number.isFinite(x));
  if (!Number.isInteger(features) || (features as number) < 1) return bad('features must be a whole number above 0');
  if (!numbers(columns) || !numbers(values) || columns.length !== values.length)
    return bad('columns and values do not match');
  if (typeof intercept !== 'number' || typeof alpha !== 'number') return bad('intercept or alpha is missing');
  if (!LINKS.includes(link as Link)) return bad(`there is no link ${String(link)}`);
  const coef = new Float64Array(features as number);
  columns.forEach((j, k) => {
    if (!Number.isInteger(j) || j < 0 || j >= coef.length) bad(`column ${j} lies outside 0 … ${coef.length - 1}`);
    coef[j] = values[k];
  });
  const names = data.featureNames as string[] | undefined;
  if (names !== undefined && (!Array.isArray(names) || names.length !== coef.length))
    return bad('featureNames do not match features');
  const classes = data.classes as Label[] | undefined;
  if (classes !== undefined && (!Array.isArray(classes) || classes.length !== 2))
    return bad('classes must be two labels');
  const report = { ...(data.report as object), trace: [] } as unknown as LinearModel['report'];
  return {
    model: new LinearModel(String(data.loss), link as Link, coef, intercept, alpha, report, classes, names),
    extra: data.extra,
  };
}
