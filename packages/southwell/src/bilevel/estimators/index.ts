export { type Msvr, type MsvrOptions, type MsvrState, msvr } from './msvr.ts';
export { type Storm, storm } from './storm.ts';
