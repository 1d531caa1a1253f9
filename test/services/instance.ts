import { ServiceProcess } from '../faults/service-process';

/** The service in a process of its own: the same port and settings after each restart. */
export class Instance {
  private process: ServiceProcess | undefined;
  private earlier = '';

  /** @param settings the environment; its `PORT` is replaced */
  constructor(
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    this.process = ServiceProcess.start(this.port, { ...this.settings, PORT: String(this.port) });
    await this.process.ready();
  }

  /** Asks it to stop; its exit code. */
  async stop(): Promise<number | null> {
    this.process?.child.kill('SIGTERM');
    return this.end();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.process?.child.kill('SIGKILL');
    await this.end();
  }

  /** Lines it wrote to its standard streams, over all its starts. */
  get printed(): readonly string[] {
    return (this.earlier + (this.process?.printed ?? '')).split('\n');
  }

  private async end(): Promise<number | null> {
    const { process } = this;
    if (process === undefined) return null;
    const code = await process.ended();
    this.earlier += process.printed;
    this.process = undefined;
    return code;
  }
}
