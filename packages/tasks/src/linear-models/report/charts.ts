import type { ChartSpec, Rule } from '@southwell/charts';
import { calibrationCharts } from '../../classes/view.ts';
import type { FitResult } from '../result.ts';
import { scoreName, survivalText } from './text.ts';

/** The charts of a fit, in its report and on the page. */
export interface FitCharts {
  readonly paths?: ChartSpec;
  readonly cv?: ChartSpec;
  readonly survival?: ChartSpec;
  readonly calibration?: ChartSpec;
  readonly convergence?: ChartSpec;
}

type CrossValidation = NonNullable<FitResult['crossValidation']>;
type Curves = NonNullable<FitResult['curves']>;

/** The largest coefficients, which have colours and names; the lines of the others are grey. */
const LABELLED = 8;

export function fitCharts(r: FitResult): FitCharts {
  const { curves, crossValidation, classification } = r;
  return {
    ...(curves?.path && pathChart(r, curves.path)),
    ...(crossValidation && { cv: scoreChart(crossValidation, r) }),
    ...(curves?.survival && { survival: survivalChart(curves.survival, r) }),
    ...(classification && { calibration: calibrationCharts(classification)[0] }),
    ...(curves && convergenceChart(curves.convergence, r.tol)),
  };
}

/** The axis of alphas: from left to right the penalty weakens. */
const ALPHA = { label: 'alpha, log scale (weaker →)', log: true, reversed: true };

function rulesOf({ crossValidation: cv, path, model }: FitResult): Rule[] {
  if (cv) {
    const [best, sparser] = [cv.min.alpha, cv.oneStandardError.alpha];
    if (best === sparser) return [{ x: best, label: 'min = 1se' }];
    return [
      { x: best, label: 'min' },
      { x: sparser, label: '1se' },
    ].filter(({ x }) => x > 0);
  }
  return path && model.alpha > 0 ? [{ x: model.alpha, label: 'kept' }] : [];
}

function pathChart(r: FitResult, { alphas, lines }: NonNullable<Curves['path']>): Pick<FitCharts, 'paths'> {
  if (lines.length === 0 || alphas.filter((alpha) => alpha > 0).length < 2) return {};
  const series = lines.map(({ name, values }, k) => ({
    ...{ name, x: alphas, y: values },
    ...(k >= LABELLED && { style: 'faint' as const }),
  }));
  const y = { label: 'coefficient × sd of its feature' };
  return { paths: { title: 'How the coefficients enter', x: ALPHA, y, series, rules: rulesOf(r) } };
}

function scoreChart({ alphas, mean, standardError, scoring }: CrossValidation, r: FitResult): ChartSpec {
  const name = scoreName(scoring);
  const side = (sign: number) => mean.map((m, i) => m + sign * standardError[i]);
  return {
    title: 'Cross-validation',
    x: ALPHA,
    y: { label: `${name} (mean ± 1 se)` },
    series: [{ name, x: alphas, y: mean, low: side(-1), high: side(1) }],
    rules: rulesOf(r),
  };
}

function survivalChart({ times, lines }: NonNullable<Curves['survival']>, r: FitResult): ChartSpec {
  return {
    title: `Survival, ${survivalText(r)}`,
    x: { label: 'time' },
    y: { label: 'share without an event', range: [0, 1] },
    series: lines.map(({ name, values }) => ({ name, x: times, y: values })),
  };
}

function convergenceChart(fits: Curves['convergence'], tol: number): Pick<FitCharts, 'convergence'> {
  const kept = fits.find((fit) => fit.kept);
  if (!kept || !fits.some(({ gap }) => gap.some((g) => g !== null))) return {};
  // A fit with a single iterate has no line, and its gap must not stretch the axis.
  const others = fits.filter((fit) => fit !== kept && fit.gap.filter((g) => g !== null).length > 1);
  const longest = Math.max(...[kept, ...others].map(({ seconds }) => seconds.at(-1) ?? 0));
  const [unit, word] = longest < 1 ? [1000, 'milliseconds'] : [1, 'seconds'];
  const at = (seconds: readonly number[]) => seconds.map((v) => v * unit);
  return {
    convergence: {
      title: 'Convergence of the selected model',
      x: { label: `${word} since the fit began` },
      y: { label: 'relative gap, log scale', log: true },
      series: [
        { name: 'the fit that was kept', x: at(kept.seconds), y: kept.gap },
        ...others.map(({ seconds, gap }) => ({
          ...{ name: 'another alpha', x: at(seconds), y: gap },
          style: 'faint' as const,
        })),
      ],
      ...(tol > 0 && { rules: [{ y: tol, label: 'tolerance' }] }),
    },
  };
}
