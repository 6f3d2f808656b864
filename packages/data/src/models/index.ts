export { type NlFile, type NlNames, readNl } from './readNl.ts';
