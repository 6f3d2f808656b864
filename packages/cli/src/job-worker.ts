/** Runs a job beside the main thread. */
import { serve } from './carriers/serve.ts';

void serve();
