import { mount } from 'svelte';
import App from './App.svelte';
import { offline } from './lib/offline.svelte.ts';
import './styles.css';

// Makes these links absolute, before navigation changes the URL to which they are relative.
for (const link of document.querySelectorAll<HTMLLinkElement>('link:is([rel=icon], [rel=alternate])')) {
  link.setAttribute('href', link.href);
}
mount(App, { target: document.getElementById('app')! });
void offline.register();
