import { readFileSync } from 'node:fs';
import { findFreePort } from '../factories/servers/find-free-port';
import { NginxServer } from '../factories/servers/nginx-server';

/** The instances that the delivered configuration names, in its order. */
const DELIVERED_INSTANCE = /\bapi-(\d):8000\b/g;
const DELIVERED_LISTENER = 'listen 8080 ';

/** A real nginx with the delivered configuration, in front of instances of the test. */
export class NginxInFront {
  private constructor(
    private readonly server: NginxServer,
    readonly port: number,
  ) {}

  /**
   * Only addresses are changed.
   *
   * @param instancePorts on 127.0.0.1; with fewer than three the lines of the others are left out
   * @throws {Error} when nginx is not installed or refuses the configuration
   */
  static async start(instancePorts: readonly number[]): Promise<NginxInFront> {
    const port = await findFreePort();
    const configuration = readFileSync('deploy/nginx/nginx.conf', 'utf8')
      .replace(DELIVERED_LISTENER, `listen 127.0.0.1:${port} `)
      .split('\n')
      .filter((line) => {
        const [, number] = /^\s*server api-(\d):/.exec(line) ?? [];
        return number === undefined || Number(number) <= instancePorts.length;
      })
      .join('\n')
      .replaceAll(
        DELIVERED_INSTANCE,
        (_match, number: string) => `127.0.0.1:${instancePorts[Number(number) - 1] ?? 0}`,
      );
    return new NginxInFront(await NginxServer.start(configuration), port);
  }

  /** Stops, and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.server.remove();
  }
}
