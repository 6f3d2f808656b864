// Builds the documentation that the workbench serves.
import { fileURLToPath } from 'node:url';
import { writeDocs } from './site.mjs';

writeDocs(fileURLToPath(new URL('../../packages/workbench/dist/docs', import.meta.url)));
