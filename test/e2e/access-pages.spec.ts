import { ACCESS_CONTROL, type AccessControl } from '../../src/auth/access-control';
import { GuardedService } from '../factories/access';
import { PageVisitor, readFormToken, setCookies } from '../factories/page-visitor';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

let guarded: GuardedService;
let service: Service;
let key: string;
beforeAll(async () => {
  guarded = await GuardedService.start({ SESSION_SECRET: 'a secret that only this test knows..' });
  ({ service } = guarded);
  key = await guarded.key({ name: 'Ada', scopes: ['monitor'] });
});
afterAll(() => service.remove());

async function loggedIn(headers: Record<string, string> = {}): Promise<PageVisitor> {
  const visitor = new PageVisitor(service, headers);
  expect((await visitor.logIn(key)).status).toBe(303);
  return visitor;
}

describe('a page without a log-in', () => {
  it('leads to the log-in, and from there back to where it was asked for', async () => {
    const visitor = new PageVisitor(service);
    const asked = '/monitoring/predictions?decision=REJECTED&limit=x';
    const turned = await visitor.open(asked);
    expect(turned.status).toBe(303);
    expect(turned.headers['location']).toBe(`/monitoring/login?to=${encodeURIComponent(asked)}`);
    const form = await visitor.open(turned.headers['location'] ?? '');
    expect(form.status).toBe(200);
    expect(form.text).toContain('autocomplete="current-password"');
    expect(form.headers['content-security-policy']).toContain("default-src 'none'");
    expect(form.headers['cache-control']).toBe('no-store');
    const back = await visitor.logIn(key, asked);
    expect([back.status, back.headers['location']]).toEqual([303, asked]);
  });

  it('is a problem document for programs, also for data and for those that ask for JSON', async () => {
    problemOf(await service.get('/monitoring/api/drift').set('Accept', 'text/html').expect(401));
    problemOf(await service.get('/monitoring').set('Accept', 'application/json').expect(401));
  });

  it('tells nothing of the service: the log-in shows neither alerts nor navigation', async () => {
    const { text } = await new PageVisitor(service).open('/monitoring/login');
    expect(text).not.toContain('/monitoring/alerts');
    expect(text).not.toContain('credit-default');
  });

  it('is loaded once more by itself when a link of another site led there: the browser kept the cookie back', async () => {
    const visitor = await loggedIn();
    const page = await visitor.open('/monitoring/login?to=/monitoring/alerts', {
      'Sec-Fetch-Site': 'cross-site',
    });
    expect(page.text).toContain('<meta http-equiv="refresh" content="0;url=/monitoring/alerts">');
    const plain = await visitor.open('/monitoring/login?to=/monitoring/alerts', {
      'Sec-Fetch-Site': 'same-origin',
    });
    expect(plain.text).not.toContain('http-equiv="refresh"');
  });

  it('with access control off there is nothing to log in to', async () => {
    const open = await Service.start();
    const response = await open.get('/monitoring/login?to=/monitoring/drift').expect(303);
    expect(response.headers['location']).toBe('/monitoring/drift');
    await open.remove();
  });
});

describe('the log-in', () => {
  it.each([
    'https://evil.example.org/',
    '//evil.example.org/',
    '/\\evil.example.org/',
    '\\\\evil.example.org',
    '/monitoring/..//evil.example.org',
    '/monitoring/%2e%2e//evil.example.org',
    '/monitoring/../docs',
    '/monitoring@evil.example.org',
    '/monitoring.evil.example.org',
    '/monitoringx',
    '/monitoring/\r\nSet-Cookie: session=x',
    '/monitoring/\t/evil',
    'javascript:alert(1)',
    'data:text/html,x',
    ' /monitoring/drift',
    '/monitoring/login?to=/monitoring/login',
    '/monitoring/logout',
    '/predictions',
    `/monitoring/${'x'.repeat(3_000)}`,
    '',
  ])('leads to the overview instead of %j', async (to) => {
    const response = await new PageVisitor(service).logIn(key, to);
    expect([response.status, response.headers['location']]).toEqual([303, '/monitoring']);
  });

  it('refuses a key that is not valid and says the same of each; of a valid one that it lacks the scope', async () => {
    const revoked = await guarded.key({ scopes: ['monitor'] });
    await guarded.revoke(revoked);
    const texts = new Set<string>();
    for (const bad of [revoked, `${key.slice(0, -2)}AA`, 'x', `pad_aaaaaaaa_${'A'.repeat(43)}`]) {
      const visitor = new PageVisitor(service);
      const response = await visitor.logIn(bad);
      expect(response.status).toBe(401);
      expect(response.text).not.toContain(`value="${bad}"`);
      expect(visitor.cookies.has('session')).toBe(false);
      texts.add(/role="alert">.*?<\/svg>(.*?)<\/p>/s.exec(response.text)?.[1] ?? response.text);
      brake().succeed(['address 127.0.0.1']);
    }
    expect(texts.size).toBe(1);
    const other = await guarded.key({ scopes: ['predict', 'records', 'outcomes', 'admin'] });
    const response = await new PageVisitor(service).logIn(other);
    expect(response.status).toBe(403);
    expect(response.text).toContain('does not have the scope monitor');
  });

  it('speaks French to those who prefer it', async () => {
    const visitor = new PageVisitor(service, { 'Accept-Language': 'fr' });
    expect((await visitor.open('/monitoring/login')).text).toContain('<h1>Connexion</h1>');
  });

  it('refuses a form of another site, and one that was not given to this browser (log-in CSRF)', async () => {
    const attacker = new PageVisitor(service);
    const token = readFormToken(await attacker.open('/monitoring/login'));
    const victim = new PageVisitor(service);
    const fields = { key, to: '/monitoring', 'csrf-token': token };
    expect((await victim.send('/monitoring/login', fields)).status).toBe(403);
    await victim.open('/monitoring/login');
    expect((await victim.send('/monitoring/login', fields)).status).toBe(403);
    expect((await victim.send('/monitoring/login', { key, to: '/monitoring' })).status).toBe(403);
    const own = readFormToken(await victim.open('/monitoring/login'));
    const mine = { ...fields, 'csrf-token': own };
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://evil.example.org' },
      { Origin: 'https://evil.example.org', 'Sec-Fetch-Site': 'same-origin' },
      { Origin: 'null' },
    ]) {
      expect((await victim.send('/monitoring/login', mine, headers)).status).toBe(403);
    }
    expect(victim.cookies.has('session')).toBe(false);
    const quiet = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' };
    expect((await victim.send('/monitoring/login', mine, quiet)).status).toBe(303);
  });

  it('takes forms only: 415 for JSON, 413 for too long ones', async () => {
    await service.post('/monitoring/login', { key }).expect(415);
    const visitor = new PageVisitor(service);
    expect((await visitor.send('/monitoring/login', { key: 'x'.repeat(20_000) })).status).toBe(413);
  });

  it('is slowed down after three failures from an address: 429 with Retry-After, but never for a valid key', async () => {
    const visitor = new PageVisitor(service);
    for (let failure = 0; failure < 4; failure++) expect((await visitor.logIn('wrong')).status).toBe(401);
    const slowed = await visitor.logIn('wrong');
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers['retry-after'])).toBe(1);
    expect(slowed.text).toContain('Wait 1 second.');

    expect((await new PageVisitor(service).logIn(key)).status).toBe(303);
    expect((await visitor.logIn(`${key.slice(0, -1)}~`)).status).toBe(429);
    expect((await visitor.logIn('wrong')).status).toBe(429);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await visitor.logIn(key)).status).toBe(303);
    expect((await new PageVisitor(service).logIn('wrong')).status).toBe(401);
  });

  it('forgets the failures of an address when somebody logs in from there', async () => {
    brake().succeed(['address 127.0.0.1']);
    const failThrice = async (): Promise<void> => {
      const visitor = new PageVisitor(service);
      for (let failure = 0; failure < 3; failure++) expect((await visitor.logIn('wrong')).status).toBe(401);
    };
    await failThrice();
    await loggedIn();
    await failThrice();
    brake().succeed(['address 127.0.0.1']);
  });
});

describe('a session', () => {
  it('opens the pages, names who is logged in, and offers the log-out', async () => {
    const visitor = await loggedIn();
    const page = await visitor.open('/monitoring');
    expect(page.status).toBe(200);
    expect(page.text).toContain('action="/monitoring/logout"');
    const known = await visitor.open('/monitoring/login');
    expect(known.text).toContain('<b>Ada</b>');
  });

  it('is a cookie for eight hours that scripts do not see and other sites do not send', async () => {
    const [session = ''] = setCookies(await new PageVisitor(service).logIn(key));
    expect(session).toMatch(/^session=[\w-]{22}\.[a-z2-7]{8}\.\d{10}\.[\w-]{43}; /);
    expect(session.split('; ').slice(1)).toEqual(['Path=/', 'Max-Age=28800', 'HttpOnly', 'SameSite=Strict']);
    expect(session).not.toContain(key.split('_').slice(2).join('_'));
  });

  it('over https is a cookie that no other host and no insecure page can set', async () => {
    const visitor = await loggedIn({ 'X-Forwarded-Proto': 'https' });
    expect([...visitor.cookies.keys()]).toEqual(['__Host-session']);
    const [session = ''] = setCookies(
      await new PageVisitor(service, { 'X-Forwarded-Proto': 'https' }).logIn(key),
    );
    expect(session).toMatch(/^__Host-session=.*; Path=\/;.*; Secure$/);
    const value = visitor.cookies.get('__Host-session') ?? '';
    const planted = new PageVisitor(service, { 'X-Forwarded-Proto': 'https' });
    planted.cookies.set('session', value);
    expect((await planted.open('/monitoring')).status).toBe(303);
  });

  it('has an id of its own after each log-in, whatever cookie was there before (fixation)', async () => {
    const attackers = (await loggedIn()).cookies.get('session') ?? '';
    for (const planted of ['chosen-by-somebody-else', attackers]) {
      const visitor = new PageVisitor(service);
      const token = readFormToken(await visitor.open('/monitoring/login'));
      visitor.cookies.set('session', planted);
      await visitor.send('/monitoring/login', { key, 'csrf-token': token });
      const [id = ''] = (visitor.cookies.get('session') ?? '').split('.');
      expect(id).toMatch(/^[\w-]{22}$/);
      expect(planted).not.toContain(id);
    }
  });

  it('counts for the pages only: the API asks for a key', async () => {
    const all = await guarded.key({ scopes: ['predict', 'records', 'monitor', 'admin'] });
    const visitor = new PageVisitor(service);
    await visitor.logIn(all);
    expect((await visitor.open('/monitoring')).status).toBe(200);
    for (const path of ['/predictions', '/metrics']) expect((await visitor.open(path)).status).toBe(401);
    expect((await visitor.open('/monitoring/api/drift')).status).toBe(200);
  });

  it('does not survive a single changed character', async () => {
    const visitor = await loggedIn();
    const good = visitor.cookies.get('session') ?? '';
    for (let index = 0; index < good.length; index++) {
      // The last character of a base64url text has bits that count for nothing; the text must be equal all the same.
      const other = good[index] === 'a' ? 'b' : 'a';
      visitor.cookies.set('session', `${good.slice(0, index)}${other}${good.slice(index + 1)}`);
      expect([index, (await visitor.open('/monitoring/api/alerts')).status]).toEqual([index, 401]);
    }
  });

  it('cannot be made longer, given to another key, or sent twice', async () => {
    const visitor = await loggedIn();
    const good = visitor.cookies.get('session') ?? '';
    const [id = '', , ends = '', signature = ''] = good.split('.');
    const other = (await guarded.key({ scopes: ['monitor', 'admin'] })).split('_')[1] ?? '';
    const prefix = key.split('_')[1] ?? '';
    for (const value of [
      `${id}.${other}.${ends}.${signature}`,
      `${id}.${prefix}.${Number(ends) + 1}.${signature}`,
      `${id}.${prefix}.9999999999.${signature}`,
      `${good}; session=${good}`,
      `${good}.${good}`,
      `"${good}"`,
      '',
    ]) {
      visitor.cookies.set('session', value);
      expect([value, (await visitor.open('/monitoring')).status]).toEqual([value, 303]);
    }
  });

  it('ends when its key is revoked', async () => {
    const own = await guarded.key({ scopes: ['monitor'] });
    const visitor = new PageVisitor(service);
    await visitor.logIn(own);
    expect((await visitor.open('/monitoring')).status).toBe(200);
    await guarded.revoke(own);
    expect((await visitor.open('/monitoring')).status).toBe(303);
  });

  it('ends at log-out, also for a copy of its cookie, and after a restart too', async () => {
    const visitor = await loggedIn();
    const copy = new PageVisitor(service);
    copy.cookies.set('session', visitor.cookies.get('session') ?? '');
    expect((await copy.open('/monitoring')).status).toBe(200);
    const token = readFormToken(await visitor.open('/monitoring'));
    const response = await visitor.send('/monitoring/logout', { 'csrf-token': token });
    expect([response.status, response.headers['location']]).toEqual([303, '/monitoring/login']);
    expect(visitor.cookies.has('session')).toBe(false);
    expect((await copy.open('/monitoring')).status).toBe(303);
  });
});

describe('a form of a session', () => {
  const LOGOUT = '/monitoring/logout';

  it('is refused without the token of that session, and the session goes on', async () => {
    const visitor = await loggedIn();
    const others = readFormToken(await (await loggedIn()).open('/monitoring'));
    const own = readFormToken(await visitor.open('/monitoring'));
    expect(own).toMatch(/^[\w-]{43}$/);
    for (const fields of [{}, { 'csrf-token': '' }, { 'csrf-token': others }, { 'csrf-token': `${own}x` }]) {
      expect((await visitor.send(LOGOUT, fields)).status).toBe(403);
    }
    expect((await visitor.open('/monitoring')).status).toBe(200);
  });

  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example.org' },
    { Origin: 'http://localhost:1' },
  ])('is refused from another site even with the token: %j', async (headers) => {
    const visitor = await loggedIn();
    const token = readFormToken(await visitor.open('/monitoring'));
    expect((await visitor.send(LOGOUT, { 'csrf-token': token }, headers)).status).toBe(403);
  });

  it('may carry the token in a header instead, as scripts do; in the address it does not count', async () => {
    const visitor = await loggedIn();
    const token = readFormToken(await visitor.open('/monitoring'));
    expect((await visitor.send(`${LOGOUT}?csrf-token=${token}`, {})).status).toBe(403);
    expect((await visitor.send(LOGOUT, {}, { 'X-CSRF-Token': token })).status).toBe(303);
  });

  it('reaches its handler with the body the guard has looked into', async () => {
    const visitor = await loggedIn();
    const token = readFormToken(await visitor.open('/monitoring'));
    const path = '/monitoring/alerts/no-such-alert/acknowledge';
    const headers = { 'Sec-Fetch-Site': 'same-origin' };
    expect((await visitor.send(path, { note: 'seen' }, headers)).status).toBe(403);
    expect((await visitor.send(path, { note: 'seen', 'csrf-token': token }, headers)).status).toBe(404);
  });

  it('needs no token with a key in the header: no browser sends that by itself', async () => {
    await service.post('/monitoring/logout', undefined).set('X-API-Key', key).expect(303);
  });

  it('is refused from another site with access control off as well', async () => {
    const open = await Service.start();
    const send = (site: string) =>
      open
        .post('/monitoring/alerts/no-such-alert/acknowledge', undefined)
        .type('form')
        .set('Sec-Fetch-Site', site)
        .send('note=seen');
    await send('cross-site').expect(403);
    await send('same-origin').expect(404);
    await open.remove();
  });
});

function brake(): { succeed(names: readonly string[]): void } {
  const access = service.app.get<AccessControl>(ACCESS_CONTROL, { strict: false });
  if (access.mode === 'off') throw new Error('Access control is off');
  return access.brake;
}
