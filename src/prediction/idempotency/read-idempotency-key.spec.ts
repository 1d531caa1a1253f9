import { type ServiceRequest } from '../../common/http/service-request';
import { readIdempotencyKey, refuseIdempotencyKey } from './read-idempotency-key';

function requestWith(headers: Record<string, string>): ServiceRequest {
  return { headers } as unknown as ServiceRequest;
}

describe('readIdempotencyKey', () => {
  it.each(['1', '8e03978e-40d5-43dd-bc93-6894a57f9324', '"quoted"', '!~', 'k'.repeat(255)])(
    'takes %s',
    (key) => {
      expect(readIdempotencyKey(requestWith({ 'idempotency-key': key }))).toBe(key);
    },
  );

  it('answers undefined when there is none', () => {
    expect(readIdempotencyKey(requestWith({}))).toBeUndefined();
  });

  it.each([
    ['an empty one', ''],
    ['256 characters', 'k'.repeat(256)],
    ['a space', 'a b'],
    ['a tab', 'a\tb'],
    ['a letter beyond ASCII', 'clé'],
    ['a control character', 'a\u007f'],
    ['two headers, as Node joins them', 'first, second'],
    ['two empty headers, as Node joins them', ', '],
  ])('refuses %s with 400 that names the header and not the value', (_what, key) => {
    const read = (): unknown => readIdempotencyKey(requestWith({ 'idempotency-key': key }));
    expect(read).toThrow(
      expect.objectContaining({
        document: expect.objectContaining({
          status: 400,
          errors: [
            {
              field: 'Idempotency-Key',
              code: 'wrong_format',
              message: 'Idempotency-Key must be sent once, with 1 to 255 visible ASCII characters',
            },
          ],
        }) as unknown,
      }) as Error,
    );
  });
});

describe('refuseIdempotencyKey', () => {
  it('refuses any key, and lets requests without one pass', () => {
    expect(() => {
      refuseIdempotencyKey(requestWith({ 'idempotency-key': 'key' }));
    }).toThrow(
      expect.objectContaining({ document: expect.objectContaining({ status: 400 }) as unknown }) as Error,
    );
    expect(() => {
      refuseIdempotencyKey(requestWith({}));
    }).not.toThrow();
  });
});
