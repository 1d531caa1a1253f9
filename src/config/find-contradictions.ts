import { isLoopback } from './is-loopback';
import { type Settings } from './settings';
import { splitList } from './split-setting';

/** What is wrong between settings that are right one by one. */
export function findContradictions(settings: Settings): string[] {
  const lines: string[] = [];
  if (settings.ALERT_WEBHOOK_URL !== undefined && settings.ALERT_WEBHOOK_SECRET === undefined) {
    lines.push(
      'ALERT_WEBHOOK_SECRET must be set with ALERT_WEBHOOK_URL: receivers check the signature by it',
    );
  }
  if (settings.AUTH === 'off' && settings.NODE_ENV === 'production') {
    lines.push('AUTH must be on while NODE_ENV is production: anybody could decide and read otherwise');
  }
  if (settings.AUTH === 'off' && !isLoopback(settings.HOST)) {
    lines.push('AUTH must be on while HOST is open to a network; without it only 127.0.0.1 is listened on');
  }
  const { JWT_JWKS, JWT_ISSUER, JWT_AUDIENCE } = settings;
  if (JWT_JWKS === undefined && (JWT_ISSUER ?? JWT_AUDIENCE) !== undefined) {
    lines.push('JWT_JWKS must be set with JWT_ISSUER and JWT_AUDIENCE: tokens are checked by its keys');
  }
  if (JWT_JWKS !== undefined && JWT_ISSUER === undefined) {
    lines.push('JWT_ISSUER must be set with JWT_JWKS: the keys of one issuer must not vouch for another');
  }
  if (JWT_JWKS !== undefined && JWT_AUDIENCE === undefined) {
    lines.push(
      'JWT_AUDIENCE must be set with JWT_JWKS: tokens made for other services must not open this one',
    );
  }
  return [...lines, ...findMissingServers(settings)];
}

/** Each kind of server needs its address, and a process of its own for jobs needs a log with several writers. */
function findMissingServers(settings: Settings): string[] {
  const lines: string[] = [];
  if (settings.STORAGE === 'postgres' && settings.DATABASE_URL === undefined) {
    lines.push('DATABASE_URL must be set with STORAGE=postgres: the address of the database');
  }
  if (settings.CACHE === 'redis' && settings.REDIS_URL === undefined) {
    lines.push('REDIS_URL must be set with CACHE=redis: the address of the server');
  }
  if (settings.QUEUE === 'rabbitmq' && settings.RABBITMQ_URL === undefined) {
    lines.push('RABBITMQ_URL must be set with QUEUE=rabbitmq: the address of the server');
  }
  const roles = splitList(settings.ROLES);
  if (roles.includes('worker') && settings.QUEUE !== 'rabbitmq') {
    lines.push('QUEUE must be rabbitmq while ROLES hold worker: a worker takes its work from there');
  }
  if (roles.includes('worker') && !roles.includes('api') && settings.STORAGE === 'file') {
    lines.push(
      'STORAGE must be postgres while ROLES hold worker without api: the log on files has one writer only',
    );
  }
  return lines;
}
