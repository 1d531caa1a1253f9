import { type IncomingMessage } from 'node:http';
import { ProblemException } from './problem';

/** What a route takes as a body. */
export interface BodyRules {
  /** Media types without parameters, lower case; the first is the usual one. */
  readonly mediaTypes: readonly string[];
  /** Largest body, bytes. */
  readonly limitBytes: number;
}

/** A body as it came, with the media type it was declared as. */
export interface ReceivedBody {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Bodies that a guard or an interceptor had to look into before the handler's turn. */
const readEarly = new WeakMap<IncomingMessage, ReceivedBody>();

/**
 * Reads a body whose content decides whether its handler may run at all; the handler then gets it as ever.
 *
 * @throws {ProblemException} as `readBody`
 */
export async function readBodyEarly(request: IncomingMessage, rules: BodyRules): Promise<ReceivedBody> {
  const body = await readBody(request, rules);
  readEarly.set(request, body);
  return body;
}

/**
 * Reads a whole body within its limit. What can be refused by its headers is refused before a byte is read.
 *
 * @throws {ProblemException} 415 for another media type, charset or a content encoding (nothing is ever
 *   decompressed); 413 as soon as the limit is passed
 */
export function readBody(request: IncomingMessage, rules: BodyRules): Promise<ReceivedBody> {
  return new Promise((resolve, reject) => {
    const mediaType = checkHeaders(request, rules);
    const early = readEarly.get(request);
    if (early !== undefined) {
      if (early.bytes.length > rules.limitBytes) reject(tooLarge(rules.limitBytes));
      else resolve(early);
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > rules.limitBytes) {
        request.removeAllListeners('data');
        request.pause();
        reject(tooLarge(rules.limitBytes));
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => {
      resolve({
        mediaType,
        bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length),
      });
    });
    const aborted = (): void => {
      reject(new ProblemException('bad-request', 'The body ended too early.'));
    };
    request.on('error', aborted);
    request.on('aborted', aborted);
  });
}

function checkHeaders(request: IncomingMessage, rules: BodyRules): string {
  const { headers } = request;
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw unsupported('Send the body as it is: compressed bodies are not read.');
  }
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';');
  const mediaType = type.trim().toLowerCase();
  if (!rules.mediaTypes.includes(mediaType)) {
    throw unsupported(`Send Content-Type: ${rules.mediaTypes.join(' or ')}.`);
  }
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.trim().toLowerCase().split('=');
    if (name === 'charset' && !['utf-8', '"utf-8"', 'utf8'].includes(value)) {
      throw unsupported('Send the body as UTF-8.');
    }
  }
  if (Number(headers['content-length'] ?? 0) > rules.limitBytes) throw tooLarge(rules.limitBytes);
  return mediaType;
}

function unsupported(detail: string): ProblemException {
  return new ProblemException('unsupported-media-type', detail);
}

function tooLarge(limitBytes: number): ProblemException {
  return new ProblemException('payload-too-large', `Send at most ${limitBytes} bytes.`);
}
