import { inspectOnnx, type NetworkFacts } from '@southwell/autodiff/nn';
import type { JobTools } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';
import { withOnnxFile } from './onnx-file.ts';

/** Inspects an ONNX file. */
export async function networkJob({ asked }: JobRequest, { signal, progress }: JobTools): Promise<NetworkFacts> {
  return withOnnxFile(asked.data as string, (source, external) =>
    inspectOnnx(source, {
      external,
      progress: (done, of) => {
        progress({ text: `looking at tensors: ${done}/${of}` });
        signal.throwIfAborted();
      },
    }),
  );
}
