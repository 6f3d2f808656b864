import { mount } from 'svelte';
import App from './App.svelte';
import { at } from './lib/host.ts';
import './styles.css';

// Makes these links absolute, before navigation changes the URL to which they are relative.
for (const link of document.querySelectorAll<HTMLLinkElement>('link:is([rel=icon], [rel=alternate])')) {
  link.setAttribute('href', link.href);
}
mount(App, { target: document.getElementById('app')! });

// Offline use after the first load. Only for the built page, since in development files change.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register(at('/sw.js')).catch(() => {});
}
