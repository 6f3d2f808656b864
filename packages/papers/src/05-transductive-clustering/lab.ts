import { fewShotClassify, laplacianIterates } from 'southwell/clustering';

/** What is under test; a test puts negative controls in its place. */
export interface Method {
  readonly classify: typeof fewShotClassify;
  readonly iterates: typeof laplacianIterates;
}

export const libraryMethod: Method = { classify: fewShotClassify, iterates: laplacianIterates };
