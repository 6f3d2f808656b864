import { printable, RequestError } from '@southwell/tasks';
import { createTransport } from 'nodemailer';

/** Sends one mail at a time, each over its own connection, so that a failure does not affect the next. */

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
   * `permanent`: the server rejects this recipient or message permanently (5xx). `temporary`: it may work later;
   * `silent` if there was no answer. `server`: nothing can be sent to anybody (unknown server, wrong password).
   */
  | { readonly kind: 'temporary' | 'permanent' | 'server'; readonly why: string; readonly silent?: boolean };

export type Send = (mail: Mail) => Promise<Delivery>;

/** Throws a sentence if the URL is neither `smtp:` nor `smtps:`. `seconds`: timeout of the server. */
export function mailer(smtp: string, from: string, seconds: number): Send {
  const url = URL.canParse(smtp) ? new URL(smtp) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    // Not quoted, since it may contain a password.
    throw new RequestError('The mail server must be given as smtp://user:password@host:port or smtps://…');
  }
  const timeout = seconds * 1000;
  const transport = createTransport({
    url: smtp,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    // Mail content must not make this machine read files or fetch URLs.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (mail) => {
    try {
      // A server that answers byte by byte does not trigger the timeout, but must end too.
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
    // A rejected sender says nothing about the recipient.
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
