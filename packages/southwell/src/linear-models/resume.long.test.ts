import { resumesFolds } from './resuming/testing.ts';

resumesFolds({ at: [1, 2, 4] });
