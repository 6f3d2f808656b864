export { type Msvr, type MsvrOptions, type MsvrState, msvr, type Storm, storm } from './estimators/index.ts';
