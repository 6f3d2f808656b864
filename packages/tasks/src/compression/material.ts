import type { ReadOptions } from '@southwell/data';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import type { ModelNetwork, NetworkBatch, SavedModel } from '../saved-model.ts';

/** Every batch of this number judges. */
const JUDGES = 4;

/** Batches to calibrate with and to judge by, and what there is to say of them. */
export interface Material {
  readonly calibration: readonly NetworkBatch[];
  readonly judges: readonly NetworkBatch[];
  readonly data?: string;
  readonly notes: readonly string[];
}

interface MaterialRequest {
  readonly calib?: unknown;
  readonly samples: number;
  readonly divide?: number | undefined;
  readonly format?: string | undefined;
  readonly resize?: unknown;
}

/**
 * The data that a network is for, of which a quarter is kept apart; without data an example of zeros.
 * @param needs What cannot do without data, as the beginning of a sentence.
 */
export async function materialOf(
  model: SavedModel,
  network: ModelNetwork,
  request: MaterialRequest,
  needs: string | undefined,
  tools: TaskTools,
): Promise<Material> {
  const { calib, samples, divide } = request;
  const { spell } = tools;
  if (calib === undefined) {
    if (needs !== undefined)
      throw new RequestError(`${needs} needs data that the network is for: give ${spell('calib')}.`);
    return { calibration: [network.example()], judges: [], notes: ['Without data, the quality was not measured.'] };
  }
  if (divide !== undefined && !model.divides)
    throw new RequestError(`${spell('divide')} requires an ONNX network; saved models scale columns as in training.`);
  const { reading } = model;
  const asked: ReadOptions = {
    ...(request.format === undefined && reading?.format && { format: reading.format }),
    ...(request.resize === undefined && reading?.resize && { resize: reading.resize }),
  };
  const table = await tools.read('calib', asked);
  const { batches, notes } = network.batches(table, samples, divide);
  if (batches.length === 0) throw new RequestError(`${table.name} has no row that the network can take.`);
  const apart = batches.filter((_, i) => i % JUDGES === JUDGES - 1);
  const few = apart.length === 0;
  return {
    calibration: few ? batches : batches.filter((_, i) => i % JUDGES !== JUDGES - 1),
    judges: apart,
    data: table.name,
    notes: [
      ...[...table.notes, ...notes],
      ...(few ? [`${table.name} is too small to keep rows apart: what is measured is measured on all of it.`] : []),
    ],
  };
}

/** The batches to measure by: those that calibrated if there are too few, and none without data. */
export const judgesOf = ({ judges, calibration, data }: Material): readonly NetworkBatch[] =>
  data === undefined ? [] : judges.length > 0 ? judges : calibration;

export const inputsOf = (batches: readonly NetworkBatch[]) => batches.flatMap(({ inputs }) => Object.values(inputs));

export const sizeOf = (batches: readonly NetworkBatch[]): number =>
  batches.reduce((sum, { inputs }) => sum + (Object.values(inputs)[0].shape[0] ?? 1), 0);
