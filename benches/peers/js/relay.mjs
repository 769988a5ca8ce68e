// A plain service on Node with ws: a path a room. With DATABASE_URL an operation is a row of its own,
// committed before it is handed on and acknowledged. Nothing is checked.
import { createServer } from "node:http";
import pg from "pg";
import { WebSocketServer } from "ws";

const rooms = new Map();
const pool = process.env.DATABASE_URL
  ? new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 })
  : undefined;
await pool?.query(`CREATE TABLE IF NOT EXISTS events (
  id bigserial PRIMARY KEY, room text NOT NULL, op_id uuid NOT NULL, body jsonb NOT NULL,
  UNIQUE (room, op_id))`);
const insert = { name: "insert", text: "INSERT INTO events (room, op_id, body) VALUES ($1, $2, $3)" };

const http = createServer();
const wss = new WebSocketServer({ server: http, perMessageDeflate: false });

wss.on("connection", (socket, request) => {
  const room = request.url;
  let members = rooms.get(room);
  if (!members) rooms.set(room, (members = new Set()));
  members.add(socket);
  socket.on("close", () => members.delete(socket));
  socket.on("error", () => socket.terminate());
  socket.on("message", async (data) => {
    const text = data.toString();
    const message = JSON.parse(text);
    if (message.edit) {
      await pool?.query({ ...insert, values: [room, message.edit, text] });
      for (const member of members) member.send(text);
      socket.send(JSON.stringify({ ack: message.edit }));
    } else {
      for (const member of members) if (member !== socket) member.send(text);
    }
  });
});

http.listen(Number(process.env.PORT), "127.0.0.1");
