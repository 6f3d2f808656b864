import { AcceleratorError, type OpenBlasOptions, useOpenBlas as useInKernels } from '@southwell/kernels';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';

const openBlasKeys: OptionKeys<OpenBlasOptions> = { library: true, threads: true };

/**
 * Dense products, Gram matrices and factorisations by an installed OpenBLAS from here on, in this thread and in
 * workers that are opened later; `false` gives them back to the kernels. It works on the memory of the kernels, without
 * copies, two to four times as fast; its bits are its own, so that every result names it as `accelerator`. Node only
 * (20.16 or later), with the package koffi installed. Returns its name and release.
 *
 * @example useOpenBlas(); // or SOUTHWELL_BLAS=openblas node fit.mjs
 * @throws NOT_SUPPORTED if it cannot be had, INVALID_PARAMETER for an option that there is not.
 */
export function useOpenBlas(options: OpenBlasOptions | false = {}): string | undefined {
  if (options !== false) knownKeys('useOpenBlas', options, openBlasKeys);
  try {
    return useInKernels(options);
  } catch (error) {
    if (!(error instanceof AcceleratorError)) throw error;
    return fail('NOT_SUPPORTED', error.message);
  }
}
