// Keeps what has been used of the page, its scripts, styles and fonts, and all of it on request, so that it works without
// a network, under any path of any host. Answers of the API are never kept. The build puts in what there is, by which
// browsers notice that something is new.
const { version, files, bytes } = self.FILES;
const { scope } = self.registration;
// Sites under other paths of a host share its caches.
const OURS = `southwell ${scope} `;
const CACHE = OURS + version;
const within = (path) => new URL(path, scope).href;
const known = new Set(files.map(within));

/** The page for any address: what its folder's paths lead to, by whole paths. */
async function shell() {
  const answer = await fetch(scope, { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`${scope} answered ${answer.status}.`);
  return (await answer.text()).replaceAll('="./', `="${new URL(scope).pathname}`);
}

/** Puts files into the cache that are not there yet. A name with a hash is right wherever it is kept. */
async function keep(urls) {
  const cache = await caches.open(CACHE);
  await Promise.all(
    urls.map(async (url) => {
      if (await cache.match(url)) return;
      const kept = url.startsWith(within('assets/')) && (await caches.match(url));
      if (kept) await cache.put(url, kept);
      else await cache.add(url);
    }),
  );
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      const html = await shell();
      await cache.put(scope, new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8' } }));
      // What the page begins with, and what was used of an earlier version and is the same.
      const begins = [...html.matchAll(/="([^"]+)"/g)].map(([, path]) => new URL(path, scope).href);
      const used = (await Promise.all((await earlier()).map(async (key) => (await caches.open(key)).keys()))).flat();
      const urls = [...begins, ...used.map(({ url }) => url).filter((url) => url.startsWith(within('assets/')))];
      await keep([...new Set(urls)].filter((url) => known.has(url)));
      await self.skipWaiting();
    })(),
  );
});

/** The caches of earlier versions; the last name is that of the first of them. */
const earlier = async () =>
  (await caches.keys()).filter((key) => key !== CACHE && (key.startsWith(OURS) || key === 'southwell-1'));

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const key of await earlier()) await caches.delete(key);
      await self.clients.claim();
    })(),
  );
});

/** From the page: what it had loaded before this worker took over, or that all is to be kept. */
self.addEventListener('message', (event) => {
  const { type, urls = [] } = event.data;
  const tell = async () => {
    const cache = await caches.open(CACHE);
    const kept = new Set((await cache.keys()).map(({ url }) => url));
    event.source?.postMessage({ type: 'kept', all: [...known].every((url) => kept.has(url)), bytes });
  };
  const wanted = type === 'keep-all' ? [...known] : urls.filter((url) => known.has(url));
  event.waitUntil(keep(wanted).then(tell, tell));
});

/** Isolated, for threads, also where the host does not say so: these are what the workbench's own server sends. */
function isolated(answer) {
  // A redirection is the browser's to follow, and a failure has nothing to read.
  if (answer.status === 0 || answer.status === 304) return answer;
  const headers = new Headers(answer.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

async function answerTo(request) {
  const cache = await caches.open(CACHE);
  if (request.mode === 'navigate') {
    // It may have changed: ask first.
    const answer = await fetch(request).catch(() => undefined);
    if (answer && answer.status !== 404) return answer;
    const kept = await cache.match(scope);
    return kept ?? answer ?? Response.error();
  }
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (known.has(request.url) && answer.status === 200) await cache.put(request.url, answer.clone());
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const path = url.startsWith(scope) ? url.slice(scope.length) : undefined;
  if (method !== 'GET' || path === undefined || path.startsWith('api/') || path.endsWith('.atom')) return;
  event.respondWith(answerTo(event.request).then(isolated));
});
