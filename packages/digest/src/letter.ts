/** The layout of a mail: similar to the page, within the limits of mail programs. */

export interface Letter {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Lines of HTML at the end. */
  readonly foot?: readonly string[];
  /** The link of the name at the top. */
  readonly site?: string;
}

// The page's colours (packages/workbench/app/styles.css); mail programs do not support custom properties.
const STYLE = `
body { margin: 0; background: #fdfdfb; color: #1b1f23; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: #00639c; }
.sheet { max-width: 42rem; margin: 0 auto; padding: 1.2rem 1.1rem 2rem; }
.brand { font-weight: 700; font-size: 1.1rem; padding-bottom: 0.6rem; border-bottom: 1px solid #d9dcdf; }
.brand a, .title a { color: inherit; text-decoration: none; }
.brand b { color: #00639c; }
h1 { font-size: 1.4rem; line-height: 1.22; margin: 1.4rem 0 0.4rem; }
h2 { font-size: 1.2rem; margin: 1.8rem 0 0.3rem; }
.item { padding: 0.75rem 0; border-top: 1px solid #d9dcdf; }
.title { font-weight: 650; line-height: 1.35; }
.soft { color: #56606a; font-size: 0.9rem; }
.button { display: inline-block; padding: 0.45rem 1rem; border-radius: 0.5rem; background: #00639c; color: #ffffff; font-weight: 600; text-decoration: none; }
.foot { margin-top: 2rem; padding-top: 0.7rem; border-top: 1px solid #d9dcdf; }
@media (prefers-color-scheme: dark) {
  body { background: #13161a; color: #e8eaec; }
  a, .brand b { color: #6cc1f0; }
  .soft { color: #a9b2bb; }
  .brand, .item, .foot { border-color: #363c43; }
  .button { background: #6cc1f0; color: #08131b; }
}`;

export function letter({ title, body, foot = [], site }: Letter): string {
  const name = '<b aria-hidden="true">▚</b> southwell';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title>
<style>${STYLE}
</style></head>
<body><div class="sheet">
<div class="brand">${site ? `<a href="${escapeHtml(site)}/">${name}</a>` : name}</div>
${body}
${foot.length > 0 ? `<div class="foot soft">${foot.join('<br>\n')}</div>` : ''}
</div></body></html>
`;
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Text in which every web or mail address is a link. */
export const linked = (text: string): string =>
  escapeHtml(text).replace(/https?:\/\/[^\s<]*[^\s<.,;:)]|[^\s<>()&;:,"@]+@[^\s<>()&;:,"@]*[\w]/g, (address) => {
    const href = /^https?:/.test(address) ? address : `mailto:${address}`;
    return `<a href="${href}">${address}</a>`;
  });
