import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fail } from '@southwell/numerics/core';
import { findRecord } from '@southwell/papers';
import { papersAtom, verdictsAtom } from './atom.ts';
import { atom, Content, json, readSite, text } from './content.ts';
import { installedEngines } from './engines.ts';
import { openInBrowser } from './open.ts';
import { pagesOf, placed } from './pages.ts';
import { policyHeader } from './policy.ts';
import { releasedJudgements } from './released.ts';
import { encodingOf, knownHost, matches, targetOf } from './request.ts';
import { newestFirst, type ResultStore, type RunResult } from './results.ts';
import { builtApp } from './site.ts';
import { Desk } from './subscribe.ts';
import { askPage, donePage, purposeOf, type Subscriptions } from './subscriptions.ts';
import { standingLines, verdictsByPaper } from './verdicts.ts';

export interface WorkbenchOptions {
  /** Default 4747; if it is taken, the first free one of the next twenty. 0: any. */
  readonly port?: number;
  /** Interface to listen on. Default 127.0.0.1: this machine only. */
  readonly host?: string;
  readonly results: ResultStore;
  /** Handles `/confirm` and `/unsubscribe`, the links in digests, and `/api/subscribe`. Default: not available. */
  readonly subscriptions?: Subscriptions;
  /** Whether to open the page in the system's browser. */
  readonly open?: boolean;
  /** Folder of the built page. Default: the package's own. */
  readonly app?: string;
  /** Timeouts in milliseconds for the headers of a request, and for the whole request. Default: 10,000 and 30,000. */
  readonly patience?: { readonly headers: number; readonly request: number };
  /** Called with internal errors while answering; the client only learns that one occurred. */
  readonly onError?: (error: unknown) => void;
}

export interface Workbench {
  readonly url: string;
  /** A sentence if the port differs from the requested one. */
  readonly note?: string;
  /** Stops listening, waits for running responses for at most two seconds, and frees the port. */
  close(): Promise<void>;
}

const FURTHER_PORTS = 20;
/** Number of stored results in a feed, in addition to the released ones. */
const NEWEST = 100;
const LIST_LIMIT = 1000;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policyHeader,
  // These two make the page cross-origin isolated, which is required for shared memory and hence threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/**
 * Serves the workbench: its page, `/api/results`, `/papers.atom` and `/verdicts.atom`. Read-only, except for {@link
 * Subscriptions} if given: requests can change nothing else. Throws FILE if the page has not been built and
 * INVALID_PARAMETER if it cannot listen.
 */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { port = 4747, host = '127.0.0.1', results, onError = () => {} } = options;
  const site = new Map([...readSite(options.app ?? builtApp()), ...installedEngines()]);
  // One page for paths of any depth: it refers to files at the root.
  const page = site.get('/index.html')!;
  const html = placed(page.bytes.toString(), '/');
  const styles = (html.match(/<link rel="stylesheet"[^>]*>/g) ?? []).join('\n');
  const { subscriptions } = options;
  const context: Context = {
    host,
    site,
    pages: pagesAt(page, site),
    styles,
    results,
    subscriptions,
    desk: new Desk(subscriptions),
  };
  const { patience = { headers: 10_000, request: 30_000 } } = options;
  const server = createServer(
    {
      headersTimeout: patience.headers,
      requestTimeout: patience.request,
      // Interval of checking for timeouts; Node's default is thirty seconds.
      connectionsCheckingInterval: Math.min(500, patience.headers / 4),
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      answer(request, response, context).catch((error: unknown) => {
        // Whoever left before the end of a request gets no answer.
        if (!request.complete && request.destroyed) return response.destroy();
        onError(error);
        if (response.headersSent) response.destroy();
        else void send(request, response, 500, json({ error: 'Internal error; see the terminal for details.' }));
      });
    },
  );
  server.maxHeadersCount = 100;
  const bound = await listen(server, port, host);
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${bound}`;
  if (options.open) openInBrowser(url);
  return {
    url,
    note: port !== 0 && bound !== port ? `Port ${port} is taken, so this is port ${bound}.` : undefined,
    close: () => close(server),
  };
}

interface Context {
  readonly host: string;
  readonly site: ReadonlyMap<string, Content>;
  /** The page of a path, which routes paths that are not known. */
  pages(path: string): Promise<Content>;
  readonly results: ResultStore;
  readonly subscriptions?: Subscriptions;
  readonly desk: Desk;
  /** The elements that link the page's style sheets. */
  readonly styles: string;
}

function pagesAt({ bytes, type }: Content, site: ReadonlyMap<string, Content>): Context['pages'] {
  let pages: Promise<ReadonlyMap<string, Content>> | undefined;
  const all = async (): Promise<ReadonlyMap<string, Content>> => {
    const told = pagesOf(bytes.toString(), { lines: await standingLines([]), has: (file) => site.has(`/${file}`) });
    return new Map(Array.from(told, ([path, html]) => [path, new Content(Buffer.from(placed(html, '/')), type)]));
  };
  return async (path) => {
    // What could not be read once may be there later.
    pages ??= all().catch((error: unknown) => {
      pages = undefined;
      throw error;
    });
    const known = await pages;
    const name = path.replaceAll(/^\/|\/$/g, '');
    const record = name.startsWith('papers/') ? findRecord(name.slice('papers/'.length)) : undefined;
    return known.get(record ? `papers/${record.slug}` : name) ?? known.get('')!;
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const purpose = context.subscriptions && purposeOf(request.url ?? '');
  const subscribes = request.url === '/api/subscribe';
  const posts = purpose !== undefined || (subscribes && context.desk.open);
  if (!reads && !(posts && request.method === 'POST')) {
    response.setHeader('Allow', posts ? 'GET, HEAD, POST' : 'GET, HEAD');
    return send(request, response, 405, text(`This address takes GET, HEAD${posts ? ' and POST' : ''} only.\n`));
  }
  if (!knownHost(request.headers.host, context.host)) {
    return send(request, response, 421, text('This server is not known by that name. Use localhost.\n'));
  }
  const target = targetOf(request.url ?? '');
  if ('refuse' in target) {
    return send(request, response, target.refuse, text(target.refuse === 414 ? 'Too long.\n' : 'No such address.\n'));
  }
  const { path, query } = target;
  if (purpose) {
    const token = query.get('token') ?? '';
    // The content of the body is already known (RFC 8058, section 3.1).
    request.resume();
    if (!reads) response.setHeader('Connection', 'close');
    if (reads) return send(request, response, 200, askPage(purpose, token, context.styles));
    const known = /^[\w-]{1,100}$/.test(token) && (await context.subscriptions![purpose](token));
    return send(request, response, known ? 200 : 404, donePage(purpose, known, context.styles));
  }
  if (subscribes) {
    if (reads) return send(request, response, 200, json({ open: context.desk.open }));
    response.setHeader('Connection', 'close');
    const { status, said } = await context.desk.take(request);
    return send(request, response, status, json(said));
  }
  const base = `http://${request.headers.host}`;
  if (path === '/papers.atom') {
    const stored = await context.results.list();
    const judged = [...(await releasedJudgements()), ...stored];
    return send(request, response, 200, atom(papersAtom(base, judged, await standingLines(stored))));
  }
  if (path === '/verdicts.atom') {
    const stored = await context.results.list();
    const kept = stored.filter((r) => r.verdicts.length > 0);
    const judged = [...(await releasedJudgements()), ...newestFirst(kept).slice(0, NEWEST)];
    return send(request, response, 200, atom(verdictsAtom(base, judged, await standingLines(stored))));
  }
  if (path === '/api/results') {
    const page = pageOf(newestFirst(await context.results.list()), query);
    if ('error' in page) return send(request, response, 400, json(page));
    const leftOut = (await context.results.leftOut?.()) ?? [];
    return send(request, response, 200, json(leftOut.length > 0 ? { ...page, leftOut } : page));
  }
  if (path === '/api/verdicts') {
    return send(request, response, 200, json({ papers: verdictsByPaper(await context.results.list()) }));
  }
  if (path.startsWith('/api/results/')) {
    const id = path.slice('/api/results/'.length);
    const result = (await context.results.list()).find((r) => r.id === id);
    return send(request, response, result ? 200 : 404, json(result ?? { error: 'There is no such result.' }));
  }
  if (path === '/api' || path.startsWith('/api/')) {
    return send(
      request,
      response,
      404,
      json({ error: 'The API has /api/results, /api/results/<id>, /api/verdicts and /api/subscribe.' }),
    );
  }
  if (path === '/docs' && context.site.has('/docs/index.html')) {
    // Its links are relative to the folder.
    response.writeHead(308, { Location: '/docs/' }).end();
    return;
  }
  // Paths of pages are routed by the page itself; a name with an extension is a file. arXiv ids do not count as
  // extensions.
  const isFile = /\.[a-z]\w*$/i.test(path);
  const found = path === '/index.html' ? undefined : context.site.get(path === '/docs/' ? '/docs/index.html' : path);
  if (!found && !isFile) return send(request, response, 200, await context.pages(path));
  return send(request, response, found ? 200 : 404, found ?? text('There is no such file.\n'));
}

/** One page of the list, without curves; pass `next` as `after` to get the following page. */
function pageOf(
  results: readonly RunResult[],
  query: URLSearchParams,
): { results: Omit<RunResult, 'curves' | 'pictures'>[]; next?: string } | { error: string } {
  const asked = query.get('limit');
  const limit = asked === null ? LIST_LIMIT : /^\d{1,6}$/.test(asked) ? Math.min(Number(asked), LIST_LIMIT) : 0;
  if (limit === 0) return { error: `limit must be a whole number from 1 to ${LIST_LIMIT}.` };
  const after = query.get('after');
  const start = after === null ? 0 : results.findIndex((r) => r.id === after) + 1;
  if (after !== null && start === 0) return { error: `There is no result ${JSON.stringify(after)} to go on from.` };
  const page = results.slice(start, start + limit).map(({ curves: _, pictures: __, ...rest }) => rest);
  return { results: page, next: start + limit < results.length ? page.at(-1)?.id : undefined };
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  content: Content,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const encoding = content.compressible ? encodingOf(request.headers['accept-encoding']) : 'identity';
  const tag = `"${content.tag}${encoding === 'identity' ? '' : `-${encoding}`}"`;
  if (content.compressible) response.setHeader('Vary', 'Accept-Encoding');
  if (status === 200) {
    response.setHeader('ETag', tag);
    response.setHeader('Cache-Control', content.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (matches(request.headers['if-none-match'], tag)) {
      response.writeHead(304).end();
      return;
    }
  } else response.setHeader('Cache-Control', 'no-store');
  const bytes = await content.encoded(encoding);
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  // The unexpected body remains unread, so that the connection cannot be reused.
  if (status === 405) response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': content.type, 'Content-Length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** The port to listen on: the first free one from `port` on. */
async function listen(server: Server, port: number, host: string): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + FURTHER_PORTS, 65_535);
  for (let candidate = port; candidate <= last; candidate++) {
    try {
      server.listen(candidate, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') continue;
      const why: Record<string, string> = {
        EACCES: `port ${candidate} is for administrators; choose one above 1023`,
        EADDRNOTAVAIL: 'this machine has no such address',
        ENOTFOUND: 'there is no such host',
      };
      fail('INVALID_PARAMETER', `Cannot listen on ${host}:${candidate}: ${why[code ?? ''] ?? message}.`);
    }
  }
  return fail('INVALID_PARAMETER', `Ports ${port} to ${last} of ${host} are all taken; choose another with --port.`);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), 2000);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
