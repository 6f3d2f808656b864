// The operations of all modules, by name: types only, so that naming one loads no code.

import type { Kernels as Clustering } from './generated/clustering/kernels.ts';
import type { Kernels as Dense } from './generated/dense/kernels.ts';
import type { Kernels as Factorisation } from './generated/factorisation/kernels.ts';
import type { Kernels as Fronts } from './generated/fronts/kernels.ts';
import type { Kernels as Lu } from './generated/lu/kernels.ts';
import type { Kernels as Models } from './generated/models/kernels.ts';
import type { Kernels as Networks } from './generated/networks/kernels.ts';
import type { Kernels as Packed } from './generated/packed/kernels.ts';
import type { Kernels as Qr } from './generated/qr/kernels.ts';
import type { Kernels as Sparse } from './generated/sparse/kernels.ts';
import type { Kernels as Spectral } from './generated/spectral/kernels.ts';
import type { Kernels as Systems } from './generated/systems/kernels.ts';
import type { Kernels as Tables } from './generated/tables/kernels.ts';
import type { Kernels as Transforms } from './generated/transforms/kernels.ts';

/**
 * All operations. Pointers are byte offsets into the memory of one Arena; matrices are column-major with a leading
 * dimension in elements; f64 unless the name begins with s. Nothing is checked: the caller is responsible for shapes
 * and pointers.
 */
export interface Kernels
  extends Dense,
    Sparse,
    Models,
    Systems,
    Clustering,
    Networks,
    Packed,
    Factorisation,
    Fronts,
    Lu,
    Qr,
    Spectral,
    Transforms,
    Tables {}
