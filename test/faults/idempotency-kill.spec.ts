import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

const KILLS = 40;
const CALLERS = 8;
/** Every key is sent so often at once, also when it was answered before. */
const DUPLICATES = 3;

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'idempotency-kill-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

/** Status and body; undefined when the service was killed before it had answered. */
type KeyedAnswer = { readonly status: number; readonly text: string } | undefined;

async function send(port: number, key: string, body: string): Promise<KeyedAnswer> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/predict`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body,
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}

/** Answers of one key so far. */
interface SentKey {
  readonly key: string;
  readonly texts: Set<string>;
}

/** Ids of the decisions under each key, in the order of the log. */
async function loggedIds(): Promise<Map<string, string[]>> {
  const folder = join(dataFolder, 'logs');
  const names = (await readdir(folder)).filter((name) => /^production_logs.*\.json$/.test(name)).sort();
  const ids = new Map<string, string[]>();
  for (const name of names) {
    for (const line of (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')) {
      const { id, idempotencyKey } = JSON.parse(line) as { id: string; idempotencyKey?: string };
      if (idempotencyKey !== undefined) ids.set(idempotencyKey, [...(ids.get(idempotencyKey) ?? []), id]);
    }
  }
  return ids;
}

/** Sends a key until it is answered, and keeps the answers; false when the service died meanwhile. */
async function sendUntilAnswered(port: number, { key, texts }: SentKey, body: string): Promise<boolean> {
  for (;;) {
    const answers = await Promise.all(Array.from({ length: DUPLICATES }, () => send(port, key, body)));
    for (const answer of answers) {
      if (answer?.status === 200) texts.add(answer.text);
      else if (answer !== undefined && answer.status !== 409 && answer.status !== 503) {
        throw new Error(`Expected 200, 409 or 503, and not ${answer.status}: ${answer.text}`);
      }
    }
    if (answers.includes(undefined)) return false;
    if (answers.some((answer) => answer?.status === 200)) return true;
  }
}

describe('kill -9 under load with idempotency keys', () => {
  it(`makes one record for each key, however often it was sent, in ${KILLS} kills`, async () => {
    const port = await findFreePort();
    const body = exampleBody();
    const sent: SentKey[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const service = ServiceProcess.start(port, { DATA_DIR: dataFolder });
      // Every fourth one dies at some moment of its start, while it reads the index or writes it.
      if (kill % 4 !== 3) await service.ready();
      let dead = false;
      const callers = Array.from({ length: CALLERS }, async (_, caller) => {
        for (let number = 0; !dead; number += 1) {
          // Old keys between new ones: those that were answered, and those whose answer a kill took.
          const old = number % 3 === 2 ? sent[(number * 31 + caller * 17) % sent.length] : undefined;
          const next = old ?? { key: `key-${kill}-${caller}-${number}`, texts: new Set<string>() };
          if (old === undefined) sent.push(next);
          if (!(await sendUntilAnswered(port, next, body)))
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 50 + ((kill * 37) % 400)));
      await service.kill();
      dead = true;
      await Promise.all(callers);
    }

    const last = ServiceProcess.start(port, { DATA_DIR: dataFolder });
    await last.ready();
    const unanswered = sent.filter(({ texts }) => texts.size === 0).length;
    for (const key of sent) expect(await sendUntilAnswered(port, key, body)).toBe(true);
    await last.kill();

    const logged = await loggedIds();
    expect(sent.length).toBeGreaterThan(KILLS * CALLERS);
    expect(new Set(logged.keys())).toEqual(new Set(sent.map(({ key }) => key)));
    expect([...logged].filter(([, ids]) => ids.length !== 1)).toEqual([]);
    // Before and after any kill the same text, and that of the record.
    expect(sent.filter(({ texts }) => texts.size !== 1)).toEqual([]);
    const others = sent.filter(({ key, texts }) => {
      const [text = ''] = texts;
      return (JSON.parse(text) as { id: string }).id !== logged.get(key)?.[0];
    });
    expect(others).toEqual([]);
    console.log(
      `${KILLS} kills: ${sent.length} keys, of which ${unanswered} had no answer before the last start; one record each`,
    );
  });
});
