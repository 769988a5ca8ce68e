// Clients of people, and courses for them to edit.

import { WebSocket } from 'ws';
import { Client, type ClientOptions, type Room, type wire } from '../../src/index.js';
import type { Person, Service } from './service.js';
import { until } from './until.js';

/** A connected client with one room. */
export interface Guest { client: Client; room: Room; token: string }

/** Lets somebody in; `options` go to the client. */
export async function enter(
  service: Service, roomId: string, person: Person, options: Partial<ClientOptions> = {},
): Promise<Guest> {
  const token = service.token(person);
  const client = new Client({ url: service.socket(), token, webSocket: WebSocket, ...options });
  const room = client.room(roomId);
  client.start();
  await until(`${person.user} is in`, () => room.joined);
  return { client, room, token };
}

/** A course of an hour, `hour` hours into a fixed day. */
export function course(id: string, hour: number, fields: Partial<wire.NewCourse> = {}): wire.NewCourse {
  const start = Date.UTC(2027, 2, 1, hour);
  return {
    id, title: `Yoga ${id}`, startsAt: new Date(start).toISOString(), endsAt: new Date(start + 3_600_000).toISOString(), ...fields,
  };
}

/** Waits until all have folded the same events; answers the digest. */
export async function converged(rooms: readonly Room[]): Promise<string> {
  const [first] = rooms;
  if (!first) throw new Error('nobody');
  await until('all agree', () => rooms.every((room) =>
    room.joined && room.pending.length === 0 && room.timetable.seq === first.timetable.seq
    && room.timetable.digest() === first.timetable.digest()));
  return first.timetable.digest();
}
