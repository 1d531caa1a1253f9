/** A browser, as far as log-ins matter, that meets several instances under one name: it keeps cookies and follows nothing. */
export class Browser {
  private cookies = new Map<string, string>();

  /** @param form fields to send by POST; without them the page is only opened */
  async visit(port: number, path: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: 'manual',
      headers: { Accept: 'text/html', Cookie: cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return response;
  }

  /** Another browser with the same cookies: what a thief has. */
  copy(): Browser {
    const copy = new Browser();
    copy.cookies = new Map(this.cookies);
    return copy;
  }
}

/** The hidden field of the first form on a page. */
export async function readFormToken(page: Response): Promise<string> {
  return /name="csrf-token" value="([^"]*)"/.exec(await page.text())?.[1] ?? '';
}
