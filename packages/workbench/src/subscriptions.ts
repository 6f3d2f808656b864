import { escapeXml } from './atom.ts';
import { Content } from './content.ts';

/** Manages the subscriptions of the digest. */
export interface Subscriptions {
  /** Returns whether the token was valid. */
  confirm(token: string): Promise<boolean>;
  /** Returns whether the token was valid. */
  unsubscribe(token: string): Promise<boolean>;
  /**
   * Records the address as pending and mails it a confirmation link, or does nothing if it is already subscribed;
   * returns a sentence if the address or families are invalid. No families: all. Absent if no mail can be sent.
   */
  subscribe?(email: string, families: readonly string[]): Promise<string | undefined>;
}

type Purpose = 'confirm' | 'unsubscribe';

/** The purpose of a path, if it is one of these two. */
export const purposeOf = (url: string): Purpose | undefined =>
  (/^\/(confirm|unsubscribe)(\?|$)/.exec(url)?.[1] as Purpose | undefined) ?? undefined;

/** A page in the style of the others: `styles` are the elements that link their style sheets. */
const page = (title: string, body: string, styles: string): Content =>
  new Content(
    Buffer.from(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><title>${title} · southwell</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${styles}</head>
<body>
<main style="max-width: 40rem; margin: 0 auto; padding: 1rem 1.1rem 4rem">
<p style="font-weight: 700; font-size: 1.1rem; margin: 0 0 2.5rem"><a href="/" style="display: inline-flex; align-items: center; gap: 0.45rem; color: var(--ink); text-decoration: none"><img src="/icon.svg" alt="" width="24" height="24">southwell</a></p>
<h1>${title}</h1>
${body}
</main>
</body></html>
`),
    'text/html; charset=utf-8',
  );

const ASK = {
  confirm: [
    'Confirm the subscription',
    'Papers that begin to run, new verdicts, and new papers of the field come to you by mail. Each mail has a link to leave.',
    'Send me the digest',
  ],
  unsubscribe: ['Leave the digest', 'You can subscribe again at any time.', 'No more mails'],
} as const;
const DONE = {
  confirm: ['Confirmed', 'The digest will come to you. Each mail has a link to leave it.'],
  unsubscribe: ['You have left the digest', 'There will be no more mails.'],
} as const;

/** Requires a button press: mail scanners follow links, so that opening one must not change anything. */
export function askPage(purpose: Purpose, token: string, styles: string): Content {
  const [title, sentence, button] = ASK[purpose];
  const action = `/${purpose}?token=${escapeXml(encodeURIComponent(token))}`;
  return page(
    title,
    `<p>${sentence}</p>\n<form method="post" action="${action}"><button class="primary">${button}</button></form>`,
    styles,
  );
}

export function donePage(purpose: Purpose, known: boolean, styles: string): Content {
  const [title, sentence] = known
    ? DONE[purpose]
    : ['That link is not known', 'It is incomplete, or not a link of this site. Copy it whole from the mail.'];
  return page(title, `<p>${sentence}</p>\n<p><a href="/">All papers</a></p>`, styles);
}
