import { Content } from './content.ts';

/** Keeps who gets the digest; each answers whether the token was one. */
export interface Subscriptions {
  confirm(token: string): Promise<boolean>;
  unsubscribe(token: string): Promise<boolean>;
}

type Purpose = keyof Subscriptions;

/** What an address is for, if it is one of these two. */
export const purposeOf = (url: string): Purpose | undefined =>
  (/^\/(confirm|unsubscribe)(\?|$)/.exec(url)?.[1] as Purpose | undefined) ?? undefined;

const page = (title: string, body: string): Content =>
  new Content(
    Buffer.from(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><title>${title}</title>
<h1>${title}</h1>
${body}
</html>
`),
    'text/html; charset=utf-8',
  );

const ASK = {
  confirm: ['Confirm the subscription', 'Send me the digest'],
  unsubscribe: ['Leave the digest', 'No more mails'],
} as const;
const DONE = {
  confirm: ['Confirmed', 'The digest will come to you. Each mail has a link to leave it.'],
  unsubscribe: ['You have left the digest', 'There will be no more mails.'],
} as const;

/** A button: programs that look at the links of a mail follow them, so that opening one must not change anything. */
export function askPage(purpose: Purpose, token: string): Content {
  const [title, button] = ASK[purpose];
  const action = `/${purpose}?token=${encodeURIComponent(token)}`;
  return page(title, `<form method="post" action="${action}"><button>${button}</button></form>`);
}

export function donePage(purpose: Purpose, known: boolean): Content {
  const [title, sentence] = known
    ? DONE[purpose]
    : ['That link is not known', 'It is incomplete, or not a link of this site. Copy it whole from the mail.'];
  return page(title, `<p>${sentence}</p>`);
}
