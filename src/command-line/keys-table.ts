import { type ApiKey } from '../auth/keys/api-key';

const COLUMNS = ['prefix', 'name', 'tenant', 'scopes', 'created', 'expires', 'state'] as const;

/** The keys as a table for a terminal: times in UTC, hashes never. */
export function formatKeysTable(keys: readonly ApiKey[], nowMs: number): string {
  const rows = keys.map((key) => [
    key.prefix,
    key.name,
    key.tenant,
    key.scopes.join(','),
    formatMinute(key.createdAt),
    key.expiresAt === undefined ? 'never' : formatMinute(key.expiresAt),
    describeState(key, nowMs),
  ]);
  const lines = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function describeState({ revokedAt, expiresAt }: ApiKey, nowMs: number): string {
  if (revokedAt !== undefined) return `revoked ${formatMinute(revokedAt)}`;
  return expiresAt !== undefined && Date.parse(expiresAt) <= nowMs ? 'expired' : 'valid';
}

function formatMinute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;
}
