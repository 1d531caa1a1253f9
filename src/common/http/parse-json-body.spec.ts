import fc from 'fast-check';
import { parseJsonBody } from './parse-json-body';
import { ProblemException } from './problem';

function parseText(text: string): unknown {
  return parseJsonBody(Buffer.from(text), 8);
}

function refusalOf(text: string): ProblemException {
  try {
    parseText(text);
  } catch (error) {
    if (error instanceof ProblemException) return error;
    throw error;
  }
  throw new Error('The body was accepted');
}

describe('parseJsonBody', () => {
  it('reads any JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
        const text = JSON.stringify(value);
        expect(parseText(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('answers any text with a value or a 400, and never with another error', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      '1',
      'e',
      '-',
      'a',
      ' ',
      '\u0000',
      'é',
      'null',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 40 }), (fragments) => {
        const text = fragments.join('');
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        if (!parsed) expect(refusalOf(text).document.status).toBe(400);
      }),
      { numRuns: 5_000 },
    );
  });

  it('says where the text stops being JSON', () => {
    expect(refusalOf('{\n  "amount": 1,\n  "limit": }').document.errors).toEqual([
      { field: '', code: 'syntax', message: 'line 3, column 12: value expected' },
    ]);
  });

  it('finds a key that stands twice in one object, and not one that stands in two', () => {
    expect(refusalOf('[{"a":1},{"b":2,"a":1,\n"b":3}]').document.errors).toEqual([
      { field: '', code: 'duplicate_key', message: 'line 2, column 1: this key stands here already' },
    ]);
    expect(parseText('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('does not mistake colons and braces inside strings for structure', () => {
    const text = '{"a":"{:[\\"::\\\\","b":"}}]]"}';
    expect(parseText(text)).toEqual(JSON.parse(text));
  });

  it('refuses keys that reach a prototype, however they are written', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
      expect(refusalOf(`{"a":{"${key}":1}}`).document.errors?.[0]?.code).toBe('forbidden_key');
    }
  });

  it('measures depth on the raw bytes, brackets in strings not counted', () => {
    expect(parseText(`${'['.repeat(8)}${']'.repeat(8)}`)).toBeDefined();
    expect(refusalOf(`${'['.repeat(9)}${']'.repeat(9)}`).document.errors?.[0]?.code).toBe('too_deep');
    expect(parseText(`["${'['.repeat(100)}"]`)).toBeDefined();
  });
});
