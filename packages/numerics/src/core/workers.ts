/** A worker that was opened: what to send it, and how to end it. */
export interface WorkerPort {
  post(message: unknown): void;
  close(): void;
}

/**
 * Opens the module `file` beside the module `here` (its `import.meta.url`) as a worker, in Node and in browsers alike, and
 * hands every answer to `receive`; `failed` learns of what the worker threw, and in Node of an end that nobody asked for.
 * `open` makes the worker in browsers: bundlers want `new Worker(new URL('./file.js', import.meta.url), { type: 'module' })`
 * written out where the file is known.
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
    // From TypeScript sources (tests) the worker comes from what tsc made of them, bundled or not.
    const tested = here.endsWith('.ts');
    const beside = tested ? here.replace('/src/', '/dist/') : here;
    const worker = new NodeWorker(new URL(file, beside), { execArgv: tested ? ['--conditions=modules'] : [] });
    let closed = false;
    worker.on('message', receive);
    worker.on('error', failed);
    worker.on('exit', (code) => {
      if (!closed) failed(new Error(`The worker ended by itself, with code ${code}.`));
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

/** Within a worker: answers its messages one after another, in the order in which they came. */
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

/** The module by a variable name, so that bundlers for browsers leave it alone. */
function nodeThreads(): Promise<typeof import('node:worker_threads')> {
  const name = 'node:worker_threads';
  return import(/* @vite-ignore */ name);
}
