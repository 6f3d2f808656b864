/** Shared by the tests of the digest: a mail server and an Atom server whose answers can be made to fail. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** The fault that the mail server simulates for a recipient. */
export type Fault = 'silent' | 'cut' | 'rcpt-450' | 'rcpt-550' | 'data-452' | 'data-554';

export interface Received {
  readonly to: string;
  readonly raw: string;
}

export class MailServer {
  readonly received: Received[] = [];
  /** All recipients that were named, accepted or not. */
  readonly tried: string[] = [];
  readonly faults = new Map<string, Fault>();
  /** Called before a recipient is answered. */
  onRecipient: (address: string) => void | Promise<void> = () => {};
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      closeTimeout: 100,
      onRcptTo: async ({ address }, _, done) => {
        this.tried.push(address);
        await this.onRecipient(address);
        const fault = this.faults.get(address);
        if (fault === 'silent') return;
        if (fault?.startsWith('rcpt')) return done(refusal(fault));
        done();
      },
      onData: (stream, session, done) => {
        const [{ address }] = session.envelope.rcptTo;
        const fault = this.faults.get(address);
        let raw = '';
        stream.on('data', (piece) => {
          raw += piece;
          if (fault === 'cut') for (const c of this.server.connections) (c as unknown as Connection)._socket.destroy();
        });
        stream.on('end', () => {
          if (fault === 'cut') return;
          if (fault?.startsWith('data')) return done(refusal(fault));
          this.received.push({ to: address, raw });
          done();
        });
      },
    });
    // Clients in the tests are disconnected and killed.
    this.server.on('error', () => {});
  }

  static async start(): Promise<MailServer> {
    const mail = new MailServer();
    const server = mail.server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return mail;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** The addresses that received a mail since the last call. */
  take(): string[] {
    return this.received.splice(0).map((mail) => mail.to);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

interface Connection {
  readonly _socket: { destroy(): void };
}

const refusal = (fault: Fault): Error => Object.assign(new Error(fault), { responseCode: Number(fault.slice(-3)) });

export type FieldFault = 'silent' | 'cut' | 'half' | 'status' | 'no-feed' | 'told' | 'entities';

export const paper = (id: string, title: string, published: string, summary = ''): string => `<entry>
<id>http://arxiv.org/abs/${id}v1</id><title>${title}</title><summary>${summary}</summary><published>${published}</published>
<author><name>Ada &amp; Co</name></author><link href="http://arxiv.org/abs/${id}v1"/></entry>`;

export class FieldServer {
  entries: string[] = [];
  fault?: FieldFault;
  readonly asked: URL[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.asked.push(new URL(request.url!, 'http://x'));
      const feed = `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>x</id>${this.entries.join('')}</feed>`;
      const half = feed.slice(0, feed.length * 0.7);
      const { fault } = this;
      if (fault === 'silent') return;
      if (fault === 'cut') {
        response.writeHead(200, { 'Content-Length': feed.length });
        response.write(half, () => response.destroy());
      } else if (fault === 'status') response.writeHead(503).end('later');
      else if (fault === 'half') response.end(half);
      else if (fault === 'no-feed') response.end('<html><body>Sign in</body></html>');
      else if (fault === 'told') {
        response.end(
          '<feed><entry><id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>malformed</summary></entry></feed>',
        );
      } else if (fault === 'entities')
        response.end(`<!DOCTYPE feed [<!ENTITY a "b">]>${feed.slice(feed.indexOf('<feed'))}`);
      else response.end(feed);
    });
  }

  static async start(): Promise<FieldServer> {
    const field = new FieldServer();
    field.server.listen(0, '127.0.0.1');
    await once(field.server, 'listening');
    return field;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/query`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
