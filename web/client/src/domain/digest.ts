// The checksum of a timetable (protocol, section 7): FNV-1a of "id:version", XORed over everything.

const utf8 = new TextEncoder();

/** 32-bit FNV-1a of the UTF-8 bytes of `id:version`. */
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
