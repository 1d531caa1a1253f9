import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';

/** A service of compose.yaml, as far as tests look at it. */
export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string }>>;
  readonly extra_hosts?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources?: {
      readonly limits?: { readonly cpus?: string; readonly memory?: string; readonly pids?: number };
    };
  };
}

/** compose.yaml, read the way Compose reads it with some settings. */
export interface ComposeProject {
  /** All services, also those that are not started. */
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<
    Record<string, { internal?: boolean; ipam?: { config: { subnet: string; ip_range: string }[] } } | null>
  >;
  readonly volumes: Readonly<Record<string, null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  /** Names of the services that `docker compose up` starts. */
  readonly started: readonly string[];
}

/**
 * Reads compose.yaml: variables replaced, anchors merged, profiles applied. No more of Compose than the file uses, as
 * there is no engine where the tests run.
 *
 * @param settingsFile what `--env-file` names
 */
export function readCompose(settingsFile?: string): ComposeProject {
  const settings = settingsFile === undefined ? {} : parseEnv(readFileSync(settingsFile, 'utf8'));
  const text = readFileSync('compose.yaml', 'utf8');
  const project = parse(replaceVariables(text, settings), { merge: true }) as Omit<ComposeProject, 'started'>;
  const chosen = settings['COMPOSE_PROFILES']?.split(',') ?? [];
  const started = Object.entries(project.services)
    .filter(([, { profiles }]) => profiles?.some((profile) => chosen.includes(profile)) ?? true)
    .filter(([, { deploy }]) => (deploy?.replicas ?? 1) > 0)
    .map(([name]) => name);
  return { ...project, started };
}

/** `${NAME:-default}`, and `$$` for a dollar that is none of Compose's business. */
function replaceVariables(text: string, settings: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(
    /\$(?:(\$)|\{(\w+):-([^}]*)\})/g,
    (_match, dollar?: string, name?: string, usual?: string) =>
      dollar ?? (settings[name ?? ''] || (usual ?? '')),
  );
}

/** The environment that the image sets, which a service of compose.yaml adds to. */
export function readImageEnvironment(): Readonly<Record<string, string>> {
  const lines = readFileSync('Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, '');
  const [, pairs = ''] = /^ENV (.+)$/m.exec(lines) ?? [];
  return Object.fromEntries(pairs.split(' ').map((pair) => pair.split('=') as [string, string]));
}

/** Networks of a service, with its fixed address where it has one. */
export function networksOf({ networks = {} }: ComposeService): ReadonlyMap<string, string | undefined> {
  if (isList(networks)) return new Map(networks.map((name) => [name, undefined]));
  return new Map(Object.entries(networks).map(([name, network]) => [name, network.ipv4_address]));
}

function isList(networks: NonNullable<ComposeService['networks']>): networks is readonly string[] {
  return Array.isArray(networks);
}

/** Secrets of a service, and where its container finds each. */
export function secretsOf({ secrets = [] }: ComposeService): ReadonlyMap<string, string> {
  return new Map(
    secrets.map((secret) =>
      typeof secret === 'string' ? [secret, `/run/secrets/${secret}`] : [secret.source, secret.target],
    ),
  );
}
