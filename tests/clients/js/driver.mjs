// A socket.io-client that does what it is told on stdin and tells on stdout what happened, one JSON
// object a line each (tests/clients/driver.rs has the list). argv[2] is the client's version,
// which is installed in the current folder.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { io } = createRequire(`${process.cwd()}/`)(`socket.io-client-${process.argv[2]}`);
const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
};
const tell = (saw, what) => process.stdout.write(`${JSON.stringify({ saw, ...what })}\n`);

let socket;
let token;

const commands = {
  connect({ url, transport }) {
    socket = io(url, {
      transports: TRANSPORTS[transport],
      // Asked again for every connection, so that it returns with the newest token.
      auth: (give) => give({ token }),
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      // A sticky balancer's cookie; clients before 4.7 don't keep any in Node.
      withCredentials: true,
    });
    socket.on('connect', () => {
      const { engine } = socket.io;
      tell('connected', { transport: engine.transport.name });
      engine.once('upgrade', ({ name }) => tell('upgraded', { transport: name }));
    });
    socket.on('disconnect', (reason) => tell('disconnected', { reason }));
    socket.on('connect_error', ({ message, data }) =>
      data ? tell('refused', { message, data }) : tell('failed', { message }));
    socket.onAny((event, data) => tell('event', { event, data }));
  },
  token({ value }) {
    token = value;
  },
  emit({ call, event, data }) {
    // Without a connection the library would keep it and send it before anybody has joined again.
    if (!socket.connected) return tell('unsent', { call });
    socket.emit(event, data, (reply) => tell('reply', { call, data: reply }));
  },
  tell({ event, data }) {
    socket.emit(event, data);
  },
  disconnect() {
    socket.disconnect();
  },
};

tell('ready');
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { do: command, ...rest } = JSON.parse(line);
  commands[command](rest);
});
// The test has gone, or has no more use for this client: as if the person's machine lost power.
lines.on('close', () => process.exit(0));
