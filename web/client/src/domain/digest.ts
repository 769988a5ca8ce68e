// FNV-1a: the checksum of a timetable (protocol, section 7) and the ids of conflicts.

const utf8 = new TextEncoder();
const OFFSET_64 = 0xcbf29ce484222325n;
const PRIME_64 = 0x100000001b3n;

/** 32 bits over the UTF-8 bytes of `id:version`. */
export function mark(id: string, version: number): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8.encode(`${id}:${version}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** Eight lower-case hex digits. */
export function hex(digest: number): string {
  return (digest >>> 0).toString(16).padStart(8, '0');
}

/** 64 bits over a text, as sixteen hex digits. */
export function hash64(text: string): string {
  let hash = OFFSET_64;
  for (const byte of utf8.encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME_64);
  return hash.toString(16).padStart(16, '0');
}
