export { main as asynchronous } from './asynchronous.ts';
export { main as blackBox } from './black-box.ts';
export { main as clustering } from './clustering/main.ts';
export { main as completion } from './completion/main.ts';
export { main as factorisation } from './factorisation/main.ts';
export { main as kernels } from './kernels.ts';
export { main as linearModels } from './linear-models/main.ts';
export { main as structureLearning } from './structure-learning/main.ts';
