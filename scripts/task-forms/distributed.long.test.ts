import { testForms } from './testing.ts';

await testForms('distributed-methods');
