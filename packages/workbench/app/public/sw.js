// Keeps the page, its scripts, styles and fonts, so that it works without a network, under any path of any host. Answers
// of the API are never kept. The build puts in what there is, by which browsers notice that something is new.
const { version, files } = self.FILES;
const { scope } = self.registration;
// Sites under other paths of a host share its caches.
const OURS = `southwell ${scope} `;
const CACHE = OURS + version;
const within = (path) => new URL(path, scope).href;

/** The page for any address: what its folder's paths lead to, by whole paths. */
async function shell() {
  const answer = await fetch(scope, { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`${scope} answered ${answer.status}.`);
  const html = (await answer.text()).replaceAll('="./', `="${new URL(scope).pathname}`);
  return new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.put(scope, await shell());
      await Promise.all(
        files.map(async (path) => {
          // A name with a hash is right wherever it is kept.
          const kept = path.startsWith('assets/') && (await caches.match(within(path)));
          if (kept) await cache.put(within(path), kept);
          else await cache.add(within(path));
        }),
      );
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const key of await caches.keys()) {
        // The last name is that of earlier versions.
        if (key !== CACHE && (key.startsWith(OURS) || key === 'southwell-1')) await caches.delete(key);
      }
      await self.clients.claim();
    })(),
  );
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
  return (await cache.match(request.url)) ?? fetch(request);
}

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const path = url.startsWith(scope) ? url.slice(scope.length) : undefined;
  if (method !== 'GET' || path === undefined || path.startsWith('api/') || path.endsWith('.atom')) return;
  event.respondWith(answerTo(event.request).then(isolated));
});
