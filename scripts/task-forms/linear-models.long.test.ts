import { testForms } from './testing.ts';

await testForms('linear-models');
