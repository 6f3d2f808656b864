import { built, resumes } from './testing.ts';

resumes(built ? [1, 2, 3] : [1]);
