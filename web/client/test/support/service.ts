// The real binary on a free port with its embedded database in a folder of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const bin = path.resolve(root, process.env['BIN'] || 'target/debug/kyo-collaboration');

/** Somebody with a token. */
export interface Person { user: string; role?: string; ttl?: string }

/** One service that can be killed and started again on the same data. */
export class Service {
  port = 0;
  #folder = mkdtempSync(path.join(tmpdir(), 'kyo-client-'));
  #process: ChildProcess | null = null;

  constructor(private readonly settings: Record<string, string> = {}) {}

  static async start(settings: Record<string, string> = {}): Promise<Service> {
    const service = new Service(settings);
    await service.start();
    return service;
  }

  /** Starts it and waits until it serves. */
  async start(): Promise<void> {
    this.port = await freePort();
    const log = openSync(path.join(this.#folder, 'log'), 'a');
    const child = spawn(bin, ['serve'], {
      cwd: this.#folder,
      stdio: ['ignore', log, log],
      env: {
        ...process.env, APP_ENV: 'development', PORT: String(this.port), KYO__SERVER__HOST: '127.0.0.1',
        DATABASE_URL: `sqlite://${path.join(this.#folder, 'kyo.db')}`, ...this.settings,
      },
    });
    this.#process = child;
    await until('the service serves', () => {
      if (child.exitCode !== null) throw new Error(`the service ended: ${this.#log()}`);
      return fetch(this.url('health')).then((answer) => answer.ok, () => false);
    });
  }

  url(place: string): string {
    return `http://127.0.0.1:${this.port}/${place}`;
  }

  /** The socket address, through another port when a cable is in between. */
  socket(port = this.port): string {
    return `ws://127.0.0.1:${port}/api/collaboration/ws`;
  }

  /** Ends it and waits until it has ended. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Asks it to end, and does not wait. */
  ask(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends it and forgets its data. */
  async remove(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A token, as the binary itself makes them. */
  token({ user, role = 'manager', ttl = '1h' }: Person): string {
    const args = ['token', '--tenant', 'studio', '--user', user, '--name', user, '--role', role, '--ttl', ttl];
    const env = { ...process.env, APP_ENV: 'development', ...this.settings };
    return execFileSync(bin, args, { env, cwd: this.#folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  }

  /** A REST call as somebody. */
  async call(token: string, place: string, body?: object, method = body ? 'POST' : 'GET'): Promise<Record<string, unknown>> {
    const answer = await fetch(this.url(`api/collaboration/v1/${place}`), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${await answer.text()}`);
    return await answer.json() as Record<string, unknown>;
  }

  /** A new room of this owner; answers its id. */
  async room(owner: string, fields: object = {}): Promise<string> {
    const made = await this.call(owner, 'rooms', { name: 'Test', timezone: 'Asia/Taipei', ...fields });
    return String(made['room']);
  }

  #log(): string {
    return readFileSync(path.join(this.#folder, 'log'), 'utf8').slice(-2000);
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
