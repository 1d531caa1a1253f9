import request, { type Response } from 'supertest';
import { type Service } from './service';

/** A browser, as far as access matters: keeps cookies, follows nothing, and sends what forms hold. */
export class PageVisitor {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly service: Service,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.keep(await request(this.service.server).get(path).set(this.sent(headers)));
  }

  async send(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const asking = request(this.service.server).post(path).type('form').set(this.sent(headers));
    return this.keep(await asking.send(new URLSearchParams(fields).toString()));
  }

  /** Opens the log-in and sends its form. */
  async logIn(key: string, to = '/monitoring'): Promise<Response> {
    const form = await this.open(`/monitoring/login?to=${encodeURIComponent(to)}`);
    return this.send('/monitoring/login', { key, to, 'csrf-token': readFormToken(form) });
  }

  private sent(headers: Readonly<Record<string, string>>): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { Accept: 'text/html', ...(cookie !== '' && { Cookie: cookie }), ...this.headers, ...headers };
  }

  private keep(response: Response): Response {
    for (const cookie of setCookies(response)) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (cookie.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

/** The `Set-Cookie` headers of an answer. */
export function setCookies(response: Response): string[] {
  const cookies: unknown = response.headers['set-cookie'];
  return Array.isArray(cookies) ? cookies.map(String) : [];
}

/** The hidden field of the first form on a page. */
export function readFormToken(page: Response): string {
  return /name="csrf-token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
}
