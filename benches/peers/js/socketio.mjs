// Socket.IO on Node: rooms, operations acknowledged once they are handed on, pointers. With REDIS_URL
// through the Redis streams adapter. Nothing is kept and nothing checked.
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createServer } from "node:http";
import { createClient } from "redis";
import { Server } from "socket.io";

const http = createServer();
const options = { transports: ["websocket"], serveClient: false, pingInterval: 300_000 };
if (process.env.REDIS_URL) {
  const client = createClient({ url: process.env.REDIS_URL });
  await client.connect();
  options.adapter = createAdapter(client);
}
const io = new Server(http, options);

io.on("connection", (socket) => {
  let room;
  socket.on("join", (name, ack) => {
    room = name;
    socket.join(room);
    ack({ joined: room });
  });
  socket.on("edit", (edit, ack) => {
    io.to(room).emit("edit", edit);
    ack({ ack: edit.edit });
  });
  socket.on("cursor", (cursor) => socket.to(room).emit("cursor", cursor));
});

http.listen(Number(process.env.PORT), "127.0.0.1");
