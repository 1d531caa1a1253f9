import { connect, type AddressInfo } from 'node:net';
import { type ProblemDocument } from '../../src/common/http/problem';
import { parseBundle } from '../../src/scoring/bundle/parse-bundle';
import { readBundleFile } from '../factories/bundle';
import { Service } from '../factories/service';
import { type BadInput, SECRET, SECRET_NUMBER } from '../fixtures/bad-inputs/bad-input';
import { listBadInputs } from '../fixtures/bad-inputs/list-bad-inputs';

/** What the corpus must have at least; some are more than one kind of mistake. */
const FEWEST_KINDS = 150;

const { inputs } = parseBundle('model.json', readBundleFile('credit-default', 'model.json'));
const corpus = listBadInputs(Object.fromEntries(inputs.map(({ name, example }) => [name, example])));

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.remove());

/** The first answer to these bytes, once it is whole; what is unfinished when the connection closes is no answer. */
function answerTo({ bytes, ending }: BadInput): Promise<{ status: number; head: string; body: string }> {
  return new Promise((resolve, reject) => {
    // Half-closed: who has said all still wants the answer.
    const socket = connect({
      port: (service.server.address() as AddressInfo).port,
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    socket.setEncoding('utf8');
    let text = '';
    const look = (): void => {
      const end = text.indexOf('\r\n\r\n');
      const head = text.slice(0, Math.max(end, 0));
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
      const body = text.slice(end + 4);
      if (end === -1 || Buffer.byteLength(body) < length) return;
      socket.destroy();
      resolve({
        status: Number(head.split(' ')[1]),
        head,
        body: Buffer.from(body).toString('utf8', 0, length),
      });
    };
    socket.on('data', (chunk: string) => {
      text += chunk;
      look();
    });
    socket.on('close', () => {
      reject(new Error(`The connection closed without a whole answer: ${text.slice(0, 200)}`));
    });
    // A server that has answered need not take the rest; what it answered has arrived by then.
    socket.on('error', () => undefined);
    socket.write(bytes);
    if (ending === 'half-close') socket.end();
  });
}

describe('the corpus', () => {
  const all = [...corpus.values()].flat();

  it(`has ${FEWEST_KINDS} kinds of bad requests and more, each once`, () => {
    expect(new Set(all.map(({ what }) => what)).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(FEWEST_KINDS);
  });

  it('never has the same bytes twice', () => {
    const what = new Map<string, string>();
    for (const { bytes, ...input } of all) {
      const text = bytes.toString('latin1');
      expect([input.what, what.get(text)]).toEqual([input.what, undefined]);
      what.set(text, input.what);
    }
  });
});

describe.each([...corpus])('%s', (_group, badInputs) => {
  it.each(badInputs.map((input) => [input.what, input.status, input] as const))(
    '%s: %i and a problem document without what was sent, and the service decides on',
    async (_what, status, input) => {
      const answer = await answerTo(input);
      const problem = JSON.parse(answer.body) as ProblemDocument;
      const [first] = problem.errors ?? [];
      expect([answer.status, problem.status, first?.field, first?.code]).toEqual([
        status,
        status,
        input.field,
        input.code,
      ]);
      expect(answer.head).toMatch(/^content-type: application\/problem\+json/im);
      expect(problem.type).toMatch(/^urn:credit-scoring:problem:[a-z-]+$/);
      expect(answer.head + answer.body).not.toContain(SECRET);
      expect(answer.body).not.toContain(SECRET_NUMBER);
      expect(answer.body).not.toMatch(/\bat .*:\d+:\d+|node_modules|\.[jt]s\b/);
      await service.post('/predict', service.exampleBody()).expect(200);
    },
  );
});

describe('after all of them', () => {
  it('no prototype has changed, and nothing fatal has happened', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(service.fatalErrors).toEqual([]);
  });
});
