import { contents } from './contents.mjs';

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const MARK =
  '<svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true"><path d="M3 7h8v7h7v6h6v5h5" fill="none" stroke="var(--accent)" stroke-width="3.2" stroke-linejoin="round" stroke-linecap="round" /></svg>';

/** The workbench's pages, as its header lists them, from the root of the site. */
const HEADER = [
  ['', 'Papers'],
  ['data', 'Your data'],
  ['race', 'Race'],
  ['results', 'Results'],
  ['docs/', 'Docs'],
  ['subscribe', 'Subscribe'],
];

/** Links to all pages, with that of `name` as the current one. `up` leads from the page to the folder of the docs. */
function navigation(name, pages, up, api) {
  const item = (page) =>
    `<li><a href="${up}${page.path}"${page.name === name ? ' aria-current="page"' : ''}>${escaped(page.title)}</a></li>`;
  const groups = contents.map(({ title, pages: names }) => {
    const own = names.map((one) => pages.get(one)).filter(Boolean);
    if (own.length === 1 && own[0].title === title) return `<ul class="alone">${item(own[0])}</ul>`;
    const open = own.some((page) => page.name === name) || ['Start', 'Guides'].includes(title);
    return `<details${open ? ' open' : ''}><summary>${escaped(title)}</summary><ul>${own.map(item).join('')}</ul></details>`;
  });
  return `${groups.join('\n')}${api ? `<ul class="alone"><li><a href="${up}api/index.html">API reference</a></li></ul>` : ''}`;
}

/**
 * The HTML of a page.
 * @param {{ name: string, path: string, title: string, description: string, html: string, headings: object[] }} page
 * @param {Map<string, object>} pages All pages, in order.
 * @param {{ api: boolean, workbench: boolean }} parts Whether the API reference and the workbench are beside the docs.
 */
export function pageHtml(page, pages, { api, workbench }) {
  const up = '../'.repeat(page.path.split('/').length - 1);
  const order = [...pages.values()];
  const at = order.indexOf(page);
  const beside = (other, relation, word) =>
    other
      ? `<a rel="${relation}" href="${up}${other.path}"><span class="soft">${word}</span> ${escaped(other.title)}</a>`
      : '<span></span>';
  const own = page.headings.filter(({ level }) => level === 2);
  const toc =
    own.length < 2
      ? ''
      : `<nav class="toc" aria-label="On this page"><h2>On this page</h2><ul>${own.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join('')}</ul></nav>`;
  const header = workbench
    ? HEADER.map(
        ([to, title]) => `<a href="${up}../${to}"${to === 'docs/' ? ' aria-current="true"' : ''}>${title}</a>`,
      ).join('\n')
    : `<a href="${up}index.html" aria-current="true">Docs</a>`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="description" content="${escaped(page.description)}" />
    <title>${escaped(page.title)} · southwell</title>
    <link rel="icon" href="${up}icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${up}docs.css" />
    <script src="${up}docs.js" defer data-up="${up}"></script>
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header>
      <nav aria-label="Main">
        <a class="brand" href="${up}${workbench ? '../' : 'index.html'}" aria-label="southwell, ${workbench ? 'all papers' : 'documentation'}">${MARK}<span>southwell</span></a>
        ${header}
        <button type="button" class="small theme" hidden></button>
      </nav>
    </header>
    <div class="page">
      <aside>
        <form role="search" class="find" hidden>
          <label class="visually-hidden" for="find">Search the documentation</label>
          <input id="find" type="search" placeholder="Search ( / )" autocomplete="off" role="combobox" aria-expanded="false" aria-controls="hits" aria-autocomplete="list" />
          <ul id="hits" role="listbox" aria-label="Pages found" hidden></ul>
          <p class="visually-hidden" role="status"></p>
        </form>
        <details class="all" open>
          <summary>All pages</summary>
          <nav aria-label="Documentation">
${navigation(page.name, pages, up, api)}
          </nav>
        </details>
      </aside>
      <main id="main" tabindex="-1">
${page.html}
        <nav class="beside" aria-label="Previous and next page">${beside(order[at - 1], 'prev', 'Previous:')}${beside(order[at + 1], 'next', 'Next:')}</nav>
      </main>
      ${toc}
    </div>
  </body>
</html>
`;
}
