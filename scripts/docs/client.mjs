import { found, loaded } from './search.mjs';

/** What the pages of the documentation do with JavaScript: search, colours, buttons that copy code. */

const { up } = document.currentScript.dataset;

const SVG = 'http://www.w3.org/2000/svg';
const STROKE = {
  fill: 'none',
  'fill-rule': 'evenodd',
  stroke: 'currentColor',
  'stroke-width': 1.8,
  'stroke-linecap': 'round',
};
/** The icons of the workbench's button for colours. */
const ICONS = {
  system: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 5.5v13a6.5 6.5 0 0 0 0-13z',
  light: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
};

/** Light or dark, as chosen in the workbench, which keeps the choice under this name if it is at the root of its host. */
function colours() {
  const button = document.querySelector('button.theme');
  const folder = new URL(`${up}../`, location.href).pathname;
  const key = folder === '/' ? 'theme' : `${folder} theme`;
  const names = Object.keys(ICONS);
  const read = () => {
    try {
      return localStorage.getItem(key) ?? 'system';
    } catch {
      return 'system';
    }
  };
  const show = (choice) => {
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    if (!button) return;
    const path = document.createElementNS(SVG, 'path');
    for (const [name, value] of Object.entries({ ...STROKE, d: ICONS[choice] })) path.setAttribute(name, value);
    if (choice !== 'light') path.setAttribute('fill', 'currentColor');
    const icon = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({ width: 20, height: 20, viewBox: '0 0 24 24', 'aria-hidden': 'true' }))
      icon.setAttribute(name, value);
    icon.append(path);
    button.replaceChildren(icon);
    const said = `Colours: ${choice === 'system' ? 'as the system' : choice}`;
    button.setAttribute('aria-label', said);
    button.title = said;
  };
  show(read());
  if (!button) return;
  button.hidden = false;
  button.addEventListener('click', () => {
    const next = names[(names.indexOf(read()) + 1) % names.length];
    try {
      localStorage.setItem(key, next);
    } catch {}
    show(next);
  });
}

/** The index, fetched when it is first needed. */
let index;
function theIndex() {
  index ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${up}search.js`;
    script.addEventListener('load', () => resolve(loaded(globalThis.southwellDocs)));
    script.addEventListener('error', () => reject(new Error('The search could not be loaded.')));
    document.head.append(script);
  });
  return index;
}

const SHOWN = 8;

function search() {
  const form = document.querySelector('form.find');
  const input = form.querySelector('input');
  const list = form.querySelector('ul');
  const status = form.querySelector('[role=status]');
  let at = -1;
  form.hidden = false;
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const mark = (next) => {
    const items = [...list.querySelectorAll('[role=option]')];
    if (items.length === 0) return;
    at = (next + items.length) % items.length;
    for (const [k, item] of items.entries()) item.setAttribute('aria-selected', String(k === at));
    input.setAttribute('aria-activedescendant', items[at].id);
    items[at].scrollIntoView({ block: 'nearest' });
  };
  const show = (hits, query) => {
    list.replaceChildren(
      ...hits.map(({ title, page, group, href }, k) => {
        const item = document.createElement('li');
        item.id = `hit-${k}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', 'false');
        const link = document.createElement('a');
        link.href = `${up}${href}`;
        link.tabIndex = -1;
        const name = document.createElement('strong');
        name.textContent = group === 'API' ? title : page;
        const where = document.createElement('span');
        where.className = 'soft small';
        where.textContent = title === page ? group : `${group === 'API' ? page : title} · ${group}`;
        link.append(name, where);
        item.append(link);
        return item;
      }),
    );
    const told = hits.length === 0 ? `Nothing found for “${query}”.` : `${hits.length} pages found.`;
    if (hits.length === 0) {
      const item = document.createElement('li');
      item.textContent = told;
      list.append(item);
    }
    status.textContent = told;
    list.hidden = false;
    at = -1;
    input.setAttribute('aria-expanded', 'true');
    input.removeAttribute('aria-activedescendant');
  };
  const ask = async () => {
    const query = input.value.trim();
    if (query === '') return close();
    try {
      const hits = found(await theIndex(), query).slice(0, SHOWN);
      // What was typed meanwhile is searched for next.
      if (input.value.trim() === query) show(hits, query);
    } catch (error) {
      status.textContent = error.message;
    }
  };
  input.addEventListener('input', ask);
  input.addEventListener('focus', () => theIndex().then(ask, () => {}));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') mark(at + 1);
    else if (event.key === 'ArrowUp') mark(at - 1);
    else return;
    event.preventDefault();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await ask();
    list.querySelectorAll('a')[Math.max(at, 0)]?.click();
  });
  document.addEventListener('click', (event) => {
    if (!form.contains(event.target)) close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName))
      return;
    event.preventDefault();
    input.focus();
  });
}

/** A button at each block of code that copies it. */
function copying() {
  for (const block of document.querySelectorAll('.code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'small copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
      setTimeout(() => (button.textContent = 'Copy'), 1500);
    });
    if (navigator.clipboard && !block.querySelector('code.language-text')) block.append(button);
  }
}

colours();
search();
copying();
// On small screens the list of pages is closed until it is asked for.
if (matchMedia('(max-width: 60rem)').matches) document.querySelector('details.all').open = false;
