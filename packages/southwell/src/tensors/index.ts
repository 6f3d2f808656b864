export { Cp, type CpOptions, type CpState, cp, cpAsync, cpIterates, cpRecords } from './cp/cp.ts';
export { type CpData, CpModel, type CpPoint, coreConsistency } from './cp/cpModel.ts';
export type { CpInit } from './cp/cpStart.ts';
export { mttkrp } from './cp/mttkrp.ts';
export { type ModeProductOptions, modeProduct, multiModeProduct } from './products.ts';
export { SparseTensor } from './sparseTensor.ts';
export { type Shape, Tensor } from './tensor.ts';
export {
  compression,
  roundTrain,
  TensorTrain,
  type TensorTrainOptions,
  type TrainState,
  tensorTrain,
  tensorTrainAsync,
  tensorTrainIterates,
} from './tensorTrain.ts';
export { type TrainData, TrainModel, type TrainPoint } from './trainModel.ts';
export {
  Hosvd,
  type HosvdOptions,
  type HosvdState,
  hosvd,
  hosvdAsync,
  hosvdIterates,
  type RandomizedHosvdOptions,
  randomizedHosvd,
  randomizedHosvdIterates,
} from './tucker/hosvd.ts';
export {
  Tucker,
  type TuckerAlsOptions,
  type TuckerState,
  tuckerAls,
  tuckerAlsAsync,
  tuckerAlsIterates,
  tuckerRecords,
} from './tucker/tucker.ts';
export { type TuckerData, TuckerModel, type TuckerPoint } from './tucker/tuckerModel.ts';
export { fold, unfold, unfoldTransposed } from './unfold.ts';
