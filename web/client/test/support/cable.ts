// A network cable that can be pulled: a plain TCP relay in front of the service.

import net from 'node:net';

/** See the module's comment. */
export class Cable {
  #sockets = new Set<net.Socket>();
  #cut = false;
  #server: net.Server;

  private constructor(private readonly far: () => number) {
    this.#server = net.createServer((near) => this.#join(near));
  }

  /** Lays a cable to the service on the port that `far` names at the moment of each connection. */
  static async lay(far: () => number): Promise<Cable> {
    const cable = new Cable(far);
    await new Promise<void>((resolve) => cable.#server.listen(0, '127.0.0.1', resolve));
    return cable;
  }

  /** Where to plug in. */
  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  #join(near: net.Socket): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = net.connect(this.far(), '127.0.0.1');
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  /** Nothing goes through, and what was open breaks. */
  pull(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  plug(): void {
    this.#cut = false;
  }

  remove(): void {
    this.pull();
    this.#server.close();
  }
}
