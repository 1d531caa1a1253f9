import { isIP } from 'node:net';
import { IsIn, IsInt, IsNumber, Max, Min, ValidateBy } from 'class-validator';
import { CronTime } from 'cron';
import { isLoopback } from './is-loopback';
import {
  isAddress,
  LONGEST_RATE_WINDOW_SECONDS,
  splitEntries,
  splitList,
  splitPair,
  splitRateLimit,
} from './split-setting';

/** One of a few words. As every rule here, its message completes "KEY must be …" and names no value. */
export function OneOf(values: readonly string[]): PropertyDecorator {
  return IsIn(values, { message: `one of ${values.join(', ')}` });
}

/** A whole number within bounds, both included. */
export function WholeNumber(minimum: number, maximum: number, note = ''): PropertyDecorator {
  const message = `a whole number from ${minimum} to ${maximum}${note}`;
  return all(IsInt({ message }), Min(minimum, { message }), Max(maximum, { message }));
}

/** A number within bounds, both included. */
export function NumberBetween(minimum: number, maximum: number): PropertyDecorator {
  const message = `a number from ${minimum} to ${maximum}`;
  return all(IsNumber({}, { message }), Min(minimum, { message }), Max(maximum, { message }));
}

/** A list of words, each at most once. */
export function ListOf(values: readonly string[]): PropertyDecorator {
  return TextThat(`a list of ${values.join(', ')}, separated by commas, each at most once`, (text) => {
    const words = splitList(text);
    return words.every((word) => values.includes(word)) && new Set(words).size === words.length;
  });
}

/** May hold a password: it is shown nowhere. */
export function ServerAddress(protocols: readonly string[], example: string): PropertyDecorator {
  return TextThat(`an address such as ${example}`, (text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname } = new URL(text);
    // PostgreSQL's own notation for a socket has its folder in the query.
    return protocols.includes(protocol) && (hostname !== '' || protocol.startsWith('postgres'));
  });
}

/**
 * Of Redis. Its client would select a database that is no number only once it is connected, which ends the process, and
 * would let a query change what this service sets.
 */
export function RedisAddress(): PropertyDecorator {
  return TextThat(
    'an address such as redis://user:password@host:6379/0, with nothing behind the number of the database, and each % of the user or password written %25',
    (text) => {
      if (!URL.canParse(text)) return false;
      const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
      if (!['redis:', 'rediss:'].includes(protocol) || hostname === '') return false;
      return /^\/?\d{0,9}$/.test(pathname) && search + hash === '' && [username, password].every(canDecode);
    },
  );
}

/** Keys that came over plain HTTP could be anybody's; on this machine itself nobody stands in between. */
export function KeySetAddress(): PropertyDecorator {
  return TextThat('a file, or an https address without a user name or password', (text) => {
    if (!isAddress(text)) return true;
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, username, password } = new URL(text);
    if (username !== '' || password !== '') return false;
    return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  });
}

/** Two limits, the higher one last. */
export function RisingPair(): PropertyDecorator {
  return TextThat('two rising numbers as 0.1/0.25: from where a change is moderate, and major', (text) => {
    const { moderate, major } = splitPair(text);
    return moderate > 0 && major > moderate;
  });
}

/** So many requests in so many seconds, or none of it. */
export function RateLimit(): PropertyDecorator {
  return TextThat(
    `off, or requests and seconds as 600/60, at most ${LONGEST_RATE_WINDOW_SECONDS} seconds`,
    (text) => text === 'off' || splitRateLimit(text) !== undefined,
  );
}

/** Addresses and networks. */
export function AddressList(): PropertyDecorator {
  return TextThat('addresses and networks such as 10.0.0.7,10.1.0.0/16, separated by commas', (text) =>
    splitEntries(text).every((entry) => {
      const [, address = '', prefix = '32'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
      const family = isIP(address);
      // A prefix of 0 would believe anybody.
      return family !== 0 && Number(prefix) > 0 && Number(prefix) <= (family === 4 ? 32 : 128);
    }),
  );
}

/** Origins as browsers send them. */
export function OriginList(): PropertyDecorator {
  return TextThat(
    'origins such as https://desk.example.org, without a path, separated by commas; or * alone',
    (text) => {
      const origins = splitEntries(text);
      if (origins.includes('*')) return origins.length === 1;
      return origins.every(
        (origin) =>
          /^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin,
      );
    },
  );
}

/** A schedule in UTC. */
export function CronExpression(): PropertyDecorator {
  return TextThat('a cron expression of five fields, such as 5 0 * * * (five past midnight, UTC)', (text) => {
    if (text.trim().split(/\s+/).length !== 5) return false;
    try {
      return new CronTime(text, 'UTC').getNextDateFrom(new Date()).isValid;
    } catch {
      return false;
    }
  });
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function TextThat(message: string, holds: (text: string) => boolean): PropertyDecorator {
  return ValidateBy(
    { name: 'holds', validator: { validate: (value) => typeof value === 'string' && holds(value) } },
    { message },
  );
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
  };
}
