import { text } from 'node:stream/consumers';
import { answerCsv, type CsvValue } from './answer-csv';

const render = (rows: CsvValue[][]): Promise<string> =>
  text(answerCsv({ name: 'x', columns: ['a', 'b'], rows }).getStream());

describe('answerCsv', () => {
  it('writes RFC 4180: CRLF, quotes doubled, line breaks and commas quoted, null empty', async () => {
    expect(
      await render([
        ['x, "y"', 0.1],
        ['two\nlines', null],
        ['é', true],
      ]),
    ).toBe('a,b\r\n"x, ""y""",0.1\r\n"two\nlines",\r\né,true\r\n');
  });

  it.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\tx', '\rx'])(
    'makes %j harmless for spreadsheets',
    async (cell) => {
      const [, line = ''] = /\r\n"?(.*)/s.exec(await render([[cell, 1]])) ?? [];
      expect(line.startsWith(`'${cell}`)).toBe(true);
    },
  );

  it.each([[-12.5], ['-12.5'], ['+3'], ['-1e-7'], [1e21]])('leaves the number %p as it is', async (cell) => {
    expect(await render([[cell, null]])).toBe(`a,b\r\n${cell},\r\n`);
  });

  it('has its header without any row', async () => {
    expect(await render([])).toBe('a,b\r\n');
  });

  it('reads no further than the client does, and stops when it leaves', async () => {
    let made = 0;
    let stopped = false;
    function* endless(): Generator<CsvValue[]> {
      try {
        for (;;) yield [made++, 'y'.repeat(1_000)];
      } finally {
        stopped = true;
      }
    }
    const stream = answerCsv({ name: 'x', columns: ['a', 'b'], rows: endless() }).getStream();
    await new Promise((resolve) => stream.once('readable', resolve));
    stream.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(true);
    expect(made).toBeLessThan(1_000);
  });

  it('is saved under its name', () => {
    expect(answerCsv({ name: 'model-costs', columns: [], rows: [] }).getHeaders()).toMatchObject({
      type: 'text/csv; charset=utf-8',
      disposition: 'attachment; filename="model-costs.csv"',
    });
  });
});
