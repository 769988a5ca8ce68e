// A network cable that can be pulled: a plain TCP relay in front of the service.

import net from 'node:net';

export class Cable {
  #sockets = new Set();
  #cut = false;

  /** Lays a cable to the service at `base`; `address` is where a browser plugs in. */
  static async lay(base) {
    const cable = new Cable();
    const { hostname, port } = new URL(base);
    cable.server = net.createServer((near) => cable.#join(near, hostname, Number(port || 80)));
    await new Promise((resolve) => cable.server.listen(0, '127.0.0.1', resolve));
    cable.address = `http://127.0.0.1:${cable.server.address().port}/`;
    return cable;
  }

  #join(near, host, port) {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = net.connect(port, host);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  pull() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  plug() {
    this.#cut = false;
  }

  remove() {
    this.pull();
    this.server.close();
  }
}
