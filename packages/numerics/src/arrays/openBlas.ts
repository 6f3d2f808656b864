import { AcceleratorError, type OpenBlasOptions, useOpenBlas as useInKernels } from '@southwell/kernels';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';

const openBlasKeys: OptionKeys<OpenBlasOptions> = { library: true, threads: true };

/**
 * Uses an installed OpenBLAS for dense products, Gram matrices and factorisations from now on, in this thread and in
 * workers opened later; `false` returns to the kernels. It works on kernel memory without copies and is two to four
 * times as fast. Its rounding differs, so every result names it as `accelerator`. Node only (20.16 or later), with the
 * package koffi installed. Returns its name and release.
 *
 * @example useOpenBlas(); // or SOUTHWELL_BLAS=openblas node fit.mjs
 * @throws NOT_SUPPORTED if OpenBLAS is not available, INVALID_PARAMETER for an unknown option.
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
