import { signWebhook } from './sign-webhook';

describe('signWebhook', () => {
  it('signs time and body as OpenSSL does', () => {
    // printf '%s' '1763900000.{"event":"opened"}' | openssl dgst -sha256 -hmac 'a secret of the receiver'
    expect(signWebhook('a secret of the receiver', '1763900000', Buffer.from('{"event":"opened"}'))).toBe(
      'sha256=6d2ac165f3cba6a5be5d4dabcbe0204f897fbeb97465d17ef498ea5f4b260823',
    );
  });
});
