// Keeps the page, its scripts, styles and fonts, so that it works without a network. Answers of the API are never kept.
const CACHE = 'southwell-1';

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const files = await (await fetch('/files.json')).json();
      const cache = await caches.open(CACHE);
      await cache.addAll(files);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const key of await caches.keys()) if (key !== CACHE) await caches.delete(key);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith('/api/') || url.pathname.endsWith('.atom')) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE);
      const page = event.request.mode === 'navigate';
      // Names of assets carry a hash: what is kept is right. The page itself may have changed: ask first.
      const kept = await cache.match(page ? '/' : event.request);
      if (kept && !page) return kept;
      try {
        const answer = await fetch(event.request);
        if (answer.ok && answer.type === 'basic') await cache.put(page ? '/' : event.request, answer.clone());
        return answer;
      } catch (error) {
        if (kept) return kept;
        throw error;
      }
    })(),
  );
});
