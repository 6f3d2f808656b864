import { mount } from 'svelte';
import App from './App.svelte';
import { at } from './lib/host.ts';
import './styles.css';

// Where the page was loaded, before its address changes beneath them.
for (const link of document.querySelectorAll<HTMLLinkElement>('link:is([rel=icon], [rel=alternate])')) {
  link.setAttribute('href', link.href);
}
mount(App, { target: document.getElementById('app')! });

// Offline once loaded. In development the files change under a cache, so only the built page has one.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register(at('/sw.js')).catch(() => {});
}
