import { escapeHtml, letter, linked } from './letter.ts';
import type { Mail } from './mail.ts';
import type { Subscriber } from './subscribers.ts';

/** The mail that asks to confirm a subscription, by a link to the site or, without one, by replying. */
export function confirmationMail(subscriber: Subscriber, token: string, site: string | undefined): Mail {
  const { address, families } = subscriber;
  const link = site && `${site}/confirm?token=${token}`;
  const asked = `Somebody, perhaps you, asked for southwell's digest of papers${families ? ` (${families.join(', ')})` : ''} to be sent to ${address}.`;
  const otherwise = 'If it was not you, do nothing: without this you get no further mail.';
  const how = link ? `To get it: ${link}` : `To get it: Answer with the subject "confirm ${token}".`;
  const title = 'Confirm your subscription';
  return {
    to: address,
    subject: 'southwell: confirm your subscription',
    text: `${[asked, how, otherwise].join('\n\n')}\n`,
    html: letter({
      title,
      site,
      body: [
        `<h1>${title}</h1>`,
        `<p>${linked(asked)}</p>`,
        link
          ? `<p><a class="button" href="${escapeHtml(link)}">Confirm</a></p>\n<p class="soft">Or open ${linked(link)}</p>`
          : `<p>${escapeHtml(how)}</p>`,
        `<p class="soft">${otherwise}</p>`,
      ].join('\n'),
    }),
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}
