/** An open worker: how to send it messages and how to end it. */
export interface WorkerPort {
  post(message: unknown): void;
  close(): void;
}

/**
 * Starts the module `file`, which lies beside the module `here` (its `import.meta.url`), as a worker in Node or in a
 * browser, and passes every reply to `receive`. `failed` is called with errors thrown by the worker and, in Node, on
 * unexpected exit. `open` creates the worker in browsers: bundlers need `new Worker(new URL('./file.js',
 * import.meta.url), { type: 'module' })` written out at a place where the file is known.
 */
export async function openWorker<Reply>(
  here: string,
  file: string,
  open: () => Worker,
  receive: (reply: Reply) => void,
  failed: (error: Error) => void,
): Promise<WorkerPort> {
  if (inNode) {
    const { Worker: NodeWorker } = await nodeThreads();
    // When running from TypeScript sources (tests), the worker is loaded from the output of tsc, bundled or not.
    const tested = here.endsWith('.ts');
    const beside = tested ? here.replace('/src/', '/dist/') : here;
    const worker = new NodeWorker(new URL(file, beside), { execArgv: tested ? ['--conditions=modules'] : [] });
    let closed = false;
    worker.on('message', receive);
    worker.on('error', failed);
    worker.on('exit', (code) => {
      if (!closed) failed(new Error(`The worker ended unexpectedly, with code ${code}.`));
    });
    return {
      post: (message) => worker.postMessage(message),
      close: () => {
        closed = true;
        void worker.terminate();
      },
    };
  }
  const worker = open();
  worker.onmessage = (event) => receive(event.data);
  worker.onerror = (event) => failed(new Error(event.message || 'The worker could not be started.'));
  return { post: (message) => worker.postMessage(message), close: () => worker.terminate() };
}

/** Within a worker: answers messages one at a time, in order of arrival. */
export function answerMessages<Message, Reply>(
  answer: (message: Message, post: (reply: Reply) => void) => Promise<void>,
): void {
  let chain = Promise.resolve();
  const inTurn = (message: Message, post: (reply: Reply) => void) => {
    chain = chain.then(() => answer(message, post));
  };
  if (inNode) {
    void nodeThreads().then(({ parentPort }) => {
      parentPort!.on('message', (message) => inTurn(message, (reply) => parentPort!.postMessage(reply)));
    });
  } else {
    const scope = self as unknown as { onmessage: (event: MessageEvent) => void; postMessage(reply: Reply): void };
    scope.onmessage = (event) => inTurn(event.data, (reply) => scope.postMessage(reply));
  }
}

const inNode = typeof process === 'object' && process.versions?.node !== undefined;

/** The module name is a variable, so that bundlers for browsers do not resolve it. */
function nodeThreads(): Promise<typeof import('node:worker_threads')> {
  const name = 'node:worker_threads';
  return import(/* @vite-ignore */ name);
}
