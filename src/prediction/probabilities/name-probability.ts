import { createHash } from 'node:crypto';
import { type LoadedModel } from '../../model/active-models';
import { type InputValue, type InputValues } from '../../scoring/application/application';

/** Says what follows, so that no value can be read as another one of another type. */
const TAG = { missing: 0, number: 1, text: 2 } as const;

/**
 * Under which name the cache keeps the probability of inputs: a SHA-256 over the model's and every value in the
 * order of the manifest. Equal only for the same values, bit for bit, under the same model; who the client is and
 * what is protected play no part, as they play none in the probability.
 */
export function nameProbability({ identity, bundle }: LoadedModel, inputs: InputValues): string {
  const values = bundle.inputs.map(({ name }) => encodeValue(inputs[name] ?? null));
  // All at once: each call of the hash costs more than its bytes.
  const hash = createHash('sha256').update(Buffer.concat([Buffer.from(identity.sha256), ...values]));
  return `probability:${hash.digest('base64url')}`;
}

function encodeValue(value: InputValue): Buffer {
  if (value === null) return Buffer.of(TAG.missing);
  if (typeof value === 'number') {
    const bytes = Buffer.allocUnsafe(9);
    bytes.writeUInt8(TAG.number);
    // The bits: 0 and -0 are not the same when something is divided by them.
    bytes.writeDoubleLE(value, 1);
    return bytes;
  }
  const bytes = Buffer.allocUnsafe(5 + 2 * value.length);
  bytes.writeUInt8(TAG.text);
  bytes.writeUInt32LE(value.length, 1);
  // UTF-8 would make all halves of a surrogate pair one.
  bytes.write(value, 5, 'utf16le');
  return bytes;
}
