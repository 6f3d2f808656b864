import { testForms } from './testing.ts';

await testForms('structure-learning');
