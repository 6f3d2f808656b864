import { supervised } from './testing.ts';

supervised({ trials: 12, maxIter: 300 });
