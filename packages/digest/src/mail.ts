import { printable, RequestError } from '@southwell/tasks';
import { createTransport } from 'nodemailer';

/** Sending one mail at a time, each over a connection of its own: what befalls one does not befall the next. */

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly messageId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Delivery =
  | { readonly kind: 'accepted' }
  /**
   * `permanent`: the server refuses this recipient or message for good (5xx). `temporary`: it may work later; `silent` where nothing was answered.
   * `server`: nothing can be sent to anybody (no such server, wrong password).
   */
  | { readonly kind: 'temporary' | 'permanent' | 'server'; readonly why: string; readonly silent?: boolean };

export type Send = (mail: Mail) => Promise<Delivery>;

/** Throws a sentence where the URL is none of `smtp:` or `smtps:`. `seconds`: how long a silent server is waited for. */
export function mailer(smtp: string, from: string, seconds: number): Send {
  const url = URL.canParse(smtp) ? new URL(smtp) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    // It may hold a password, so it is not repeated.
    throw new RequestError('The mail server must be given as smtp://user:password@host:port or smtps://…');
  }
  const timeout = seconds * 1000;
  const transport = createTransport({
    url: smtp,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    // Nothing that a mail says may make this machine read files or fetch addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (mail) => {
    try {
      // One that answers byte by byte is not silent, but has to end as well.
      await transport.sendMail({ from, ...mail, signal: AbortSignal.timeout(10 * timeout) });
      return { kind: 'accepted' };
    } catch (error) {
      return failureOf(error as SmtpError, seconds);
    }
  };
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

function failureOf(error: SmtpError, seconds: number): Delivery {
  const { code, command, response, responseCode = 0, message } = error;
  const said = printable((response || message).slice(0, 200));
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    // A refusal of the sender says nothing of the recipient.
    const permanent = responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA');
    return { kind: permanent ? 'permanent' : 'temporary', why: said };
  }
  if (code === 'EAUTH') return { kind: 'server', why: `the mail server does not accept the login: ${said}` };
  if (code === 'EDNS' || code === 'ETLS' || /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH/.test(message)) {
    return { kind: 'server', why: `the mail server cannot be reached: ${said}` };
  }
  if (code === 'ETIMEDOUT') return { kind: 'temporary', why: `no answer within ${seconds} s`, silent: true };
  return { kind: 'temporary', why: said };
}
