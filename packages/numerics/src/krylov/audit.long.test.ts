import { eigenGoesOn, svdGoesOn } from './audits/testing.ts';

svdGoesOn((states) => states);
eigenGoesOn((count) => [0, 1, Math.floor(count / 2), count - 1]);
