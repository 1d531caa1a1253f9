import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { type Alert } from '../../src/monitoring/alerts/alert';
import { Alerts } from '../../src/monitoring/alerts/alerts';
import { type AlertsData } from '../../src/monitoring/pages/alerts/alerts-data';
import { Service } from '../factories/service';

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const FORM = 'application/x-www-form-urlencoded';
const NOTHING_UNDECIDED = { kinds: new Set<never>(), inputs: new Set<never>() };

let service: Service;
let alerts: Alerts;
beforeEach(async () => {
  service = await Service.start();
  alerts = service.app.get(Alerts, { strict: false });
  await alerts.observe({
    causes: [
      {
        kind: 'input_drifted',
        subject: 'creditLimit',
        severity: 'critical',
        figures: {
          psi: 0.312,
          threshold: 0.1,
          adjustedPValue: 1e-9,
          rows: 9_870,
          importance: 0.081,
          windowFrom: '2026-11-22T00:00:00.000Z',
          windowTo: '2026-11-23T00:00:00.000Z',
          report: '2026-11-23T00-00-00Z',
        },
      },
      {
        kind: 'latency',
        subject: null,
        severity: 'warning',
        figures: { p95Ms: 312.4, thresholdMs: 250, requests: 812, windowMinutes: 10 },
      },
    ],
    undecided: NOTHING_UNDECIDED,
  });
});
afterEach(() => service.remove());

const find = (kind: Alert['kind']): Alert => {
  const alert = alerts.list().find((one) => one.kind === kind);
  if (!alert) throw new Error(`There is no alert of kind ${kind}`);
  return alert;
};

const acknowledge = (id: string, body: string, headers: Record<string, string> = {}): request.Test =>
  request(service.server)
    .post(`/monitoring/alerts/${id}/acknowledge`)
    .set({ 'Content-Type': FORM, Accept: HTML, ...headers })
    .send(body);

describe('/monitoring/alerts', () => {
  it('says what is open, since when, and what to do', async () => {
    const { text } = await service.get('/monitoring/alerts').set('Accept', HTML).expect(200);
    expect(text).toContain('2 open alerts');
    expect(text).toContain('Credit limit has drifted');
    expect(text).toContain(
      'PSI 0.312, and it counts from 0.1; 9,870 decisions from 22 Nov 2026, 00:00 UTC to 23 Nov 2026, 00:00 UTC. It weighs 8.1% in the model.',
    );
    expect(text).toContain('href="/monitoring/drift/creditLimit?report&#x3D;2026-11-23T00-00-00Z"');
    expect(text).toContain(
      'One answer in twenty took 312 ms or longer within 10 minutes (812 requests); limit 250 ms.',
    );
    const french = await service.get('/monitoring/alerts?lang=fr').expect(200);
    expect(french.text).toContain('Plafond de crédit a dérivé');
  });

  it('answers JSON and CSV', async () => {
    const { alerts: listed, rules } = (await service.get('/monitoring/api/alerts').expect(200))
      .body as AlertsData;
    expect(listed.map(({ kind }) => kind).sort()).toEqual(['input_drifted', 'latency']);
    expect(rules).toEqual({
      psi: { moderate: 0.1, major: 0.25 },
      errorRate: 0.02,
      latencyP95Ms: 250,
      silenceMinutes: 60,
      windowMinutes: 10,
    });
    const csv = await service.get('/monitoring/api/alerts?format=csv').expect(200);
    expect(parse(csv.text, { columns: true })).toHaveLength(2);
  });

  it('refuses parameters it does not know', async () => {
    await service.get('/monitoring/alerts?acknowledged=%3Cscript%3E').set('Accept', HTML).expect(400);
    await service.get('/monitoring/api/alerts?state=open').expect(400);
  });
});

describe('POST /monitoring/alerts/{id}/acknowledge', () => {
  it('keeps note and caller, leads back to the page, and confirms there', async () => {
    const { id } = find('latency');
    const answer = await acknowledge(id, 'note=Disk+is+slow%2C%0D%0Abeing+replaced').expect(303);
    expect(answer.headers['location']).toBe(`/monitoring/alerts?acknowledged=${id}`);
    expect(find('latency')).toMatchObject({
      state: 'acknowledged',
      note: 'Disk is slow,\nbeing replaced',
      acknowledgedBy: 'anonymous',
    });
    const { text } = await service.get(answer.headers['location'] ?? '').expect(200);
    expect(text).toContain('Acknowledged: Answers are slow');
    expect(text).toContain('1 open alert');
  });

  it('shows a note escaped, and keeps it from being run by a spreadsheet', async () => {
    const hostile = `=HYPERLINK("x")<script>alert(1)</script>`;
    await acknowledge(find('latency').id, `note=${encodeURIComponent(hostile)}`).expect(303);
    const { text } = await service.get('/monitoring/alerts').expect(200);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('<script>alert');
    const csv = await service.get('/monitoring/api/alerts?format=csv').expect(200);
    const notes = parse<Record<string, string>>(csv.text, { columns: true }).map(({ note }) => note);
    expect(notes).toContain(`'${hostile}`);
  });

  it.each([
    ['no note', 'note=+++', 'Write what you know or do: 1 to 500 characters.'],
    ['no field', '', 'Write what you know or do: 1 to 500 characters.'],
    ['a note that is too long', `note=${'<'.repeat(501)}`, 'Write at most 500 characters.'],
    ['control characters', 'note=a%00b', 'it holds control characters'],
  ])('shows what is wrong with %s at its field, and changes nothing', async (_what, body, message) => {
    const alert = find('latency');
    const answer = await acknowledge(alert.id, body).expect(400);
    expect(answer.text).toMatch(
      new RegExp(`aria-invalid="true" aria-describedby="problem-${alert.id}"[^]*${message}`),
    );
    expect(answer.text.match(/aria-invalid/g)).toHaveLength(1);
    expect(answer.text).toContain('href="/monitoring/alerts?lang&#x3D;fr"');
    expect(find('latency')).toEqual(alert);
  });

  it('takes 500 characters of any kind', async () => {
    const note = '😀'.repeat(500);
    await acknowledge(find('latency').id, `note=${encodeURIComponent(note)}`).expect(303);
    expect(find('latency').note).toBe(note);
  });

  it('says that an alert closed in the meantime', async () => {
    const { id } = find('latency');
    for (let look = 0; look < 2; look++) await alerts.observe({ causes: [], undecided: NOTHING_UNDECIDED });
    const answer = await acknowledge(id, 'note=late').expect(409);
    expect(answer.text).toContain('This alert has closed in the meantime');
  });

  it('answers 404 to an alert there is not, with a note and without', async () => {
    const id = '0b7a2d5e-6a4b-4f60-9c5f-2a1f6f1f3c11';
    await acknowledge(id, 'note=x').expect(404);
    await acknowledge(id, 'note=').expect(404);
  });

  it.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a neighbour on the same site', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin', { Origin: 'https://elsewhere.example' }],
    [
      'another origin that says it is here',
      { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'same-origin' },
    ],
    ['an origin that hides', { Origin: 'null' }],
  ])('refuses %s', async (_who, headers) => {
    const alert = find('latency');
    await acknowledge(alert.id, 'note=x', headers).expect(403);
    expect(find('latency')).toEqual(alert);
  });

  it.each([
    ['the page itself', (host: string) => ({ Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' })],
    ['the page over plain HTTP', (host: string) => ({ Origin: `http://${host}` })],
    ['a page that sends no referrer', () => ({ Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })],
  ])('takes it from %s', async (_who, headers) => {
    await acknowledge(find('latency').id, 'note=x', headers(new URL(service.url).host))
      .set('Host', new URL(service.url).host)
      .expect(303);
  });

  it('takes nothing but a small form', async () => {
    const { id } = find('latency');
    await acknowledge(id, '{"note":"x"}', { 'Content-Type': 'application/json' }).expect(415);
    await acknowledge(id, `note=${'x'.repeat(9_000)}`).expect(413);
    await service.get(`/monitoring/alerts/${id}/acknowledge`).set('Accept', HTML).expect(405);
  });
});
