// A service of our own on a free port with an own data directory, which can be stopped and started
// again. BIN names another binary.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The binary of the service. */
export const BIN = path.resolve(process.env.BIN ?? fileURLToPath(new URL('../../target/debug/kyo-collaboration', import.meta.url)));

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class Service {
  #process = null;

  /** Starts one and waits until it answers. */
  static async begin(environment = {}) {
    const service = new Service();
    service.port = await freePort();
    service.data = mkdtempSync(path.join(tmpdir(), 'kyo-service-'));
    service.environment = environment;
    await service.start();
    return service;
  }

  get address() {
    return `http://127.0.0.1:${this.port}/`;
  }

  async start() {
    this.#process = spawn(BIN, ['serve'], {
      cwd: this.data, stdio: 'ignore',
      env: {
        ...process.env, APP_ENV: 'development', PORT: String(this.port), KYO__SERVER__HOST: '127.0.0.1',
        DATABASE_URL: `sqlite://${this.data}/kyo.db`, KYO__DRAIN__DEADLINE_MS: '1000', ...this.environment,
      },
    });
    while (this.#process.exitCode === null) {
      if (await fetch(`${this.address}health`).then(({ ok }) => ok, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${BIN} ended with ${this.#process.exitCode}`);
  }

  async stop(signal = 'SIGTERM') {
    const running = this.#process;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  /** Stops it for good and forgets its data. */
  async end() {
    await this.stop('SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
  }
}
