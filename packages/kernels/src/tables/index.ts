import { defineModule } from '../module.ts';
import * as compiled from '../generated/tables/code.ts';
import { kernelArities, type Kernels } from '../generated/tables/kernels.ts';
import { cells } from './cells.ts';

export type { Kernels as TablesKernels } from '../generated/tables/kernels.ts';

/** Numbers read from the bytes of a text file. */
export const tables = defineModule('tables', compiled, Object.keys(kernelArities), (heap): Kernels => ({ ...cells(heap) }));
