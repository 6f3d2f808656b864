import { testForms } from './testing.ts';

await testForms('games');
