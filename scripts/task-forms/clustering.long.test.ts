import { testForms } from './testing.ts';

await testForms('clustering');
