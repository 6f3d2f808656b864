import type * as nn from '@southwell/autodiff/nn';
import type { Pause } from '../pauses.ts';
import type { Emit } from '../streamed.ts';
import { type AdmmOptions, prunedByAdmm } from './admm.ts';
import { type Judged, oneShot, type Pruned, reconstructed, type Subject } from './lab.ts';

export const ICBS = 'iCBS';
export const DIAGONAL = 'iCBS, diagonal';
export const WANDA = 'Wanda';
const ADMM = 'ADMM on the loss';

/** Pruning at once: of each layer, or of each output. */
const scored = {
  [WANDA]: { method: 'wanda', scope: 'layer' },
  'Wanda, each output': { method: 'wanda', scope: 'row' },
  magnitude: { method: 'magnitude', scope: 'layer' },
  SparseGPT: { method: 'sparsegpt', scope: 'layer' },
} as const;

/** In the order of legends. */
const METHODS = [ICBS, DIAGONAL, ...Object.keys(scored), ADMM, 'dense'] as const;

export const PLAIN = 'Loss by steps';
export const FITTED = 'Loss by steps, with reconstruction';
/** The charts of a contest. */
export const panelsOf = (loss: string) =>
  [PLAIN, FITTED].map((title) => ({
    title,
    x: { label: 'steps of iCBS' },
    y: { label: loss, log: true as const },
    series: METHODS,
    control: WANDA,
  }));

/** A method's network as it is, and with the weights that stay reconstructed. */
export interface Both {
  readonly plain: Judged;
  readonly fitted: Judged;
}

/** The rivals that do not take steps of iCBS, by name; `emit` is absent where no curves are drawn. */
export async function* rivals(
  subject: Subject,
  density: number,
  steps: number,
  admm: Omit<AdmmOptions, 'steps'> & { readonly ofStep: number },
  emit: Emit | undefined,
  pause: Pause,
): AsyncGenerator<readonly [string, Both]> {
  const level = (panel: string, series: string, { loss }: Judged): void =>
    emit?.({ kind: 'points', panel, series, x: [0, steps], y: [loss, loss] });
  const of = async (parameters: Promise<nn.Parameters>): Promise<Judged> =>
    subject.judge(await parameters, false, pause);
  for (const [name, { method, scope }] of Object.entries(scored)) {
    const pattern = { density, scope };
    const plain = await of(oneShot(subject, method, pattern, false, pause));
    level(PLAIN, name, plain);
    const fitted = await of(oneShot(subject, method, pattern, true, pause));
    level(FITTED, name, fitted);
    yield [name, { plain, fitted }];
  }
  const { ofStep, ...options } = admm;
  // As many examples as the steps of iCBS take.
  const scale = options.batch / ofStep;
  const last = Math.round(steps / scale);
  const each = async (step: number, now: Pruned): Promise<void> => {
    const { loss } = await subject.judge(now.parameters, true, pause);
    emit?.({ kind: 'points', panel: PLAIN, series: ADMM, x: [step * scale], y: [loss] });
  };
  const look = emit ? Math.ceil(last / 10) : Number.POSITIVE_INFINITY;
  const found = await prunedByAdmm(subject, density, { ...options, steps: last }, { look, each }, pause);
  const plain = await subject.judge(found.parameters, false, pause);
  const fitted = await of(reconstructed(subject, found.masks, pause));
  level(FITTED, ADMM, fitted);
  yield [ADMM, { plain, fitted }];
}
