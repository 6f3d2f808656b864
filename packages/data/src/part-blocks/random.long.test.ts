import { randomFiles } from './testing.ts';

randomFiles({ csv: 40, libsvm: 60 });
