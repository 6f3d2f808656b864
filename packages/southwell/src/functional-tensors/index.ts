export type { SmoothedPath, StateSpace } from './kalman.ts';
export { MATERN_KERNELS, Matern, type MaternName, type MaternOptions, matern, type Transition } from './matern.ts';
