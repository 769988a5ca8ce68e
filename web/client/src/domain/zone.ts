// Local times of a named zone as points in time, by what the platform knows of time zones.

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/** How far the zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(zone: string, millis: number): number {
  const parts = formatOf(zone).formatToParts(millis);
  const part = (name: string) => Number(parts.find(({ type }) => type === name)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(millis / 1000) * 1000;
}

const DAY = 86_400_000;

/**
 * The point in time of a local one, given as if it were UTC. Where the clock is put forward over it, it
 * is later by the gap; where the clock shows it twice, it is the first time (RFC 5545).
 */
export function fromLocal(zone: string, local: number): number {
  const [before, after] = [offsetAt(zone, local - DAY), offsetAt(zone, local + DAY)];
  const fits = (offset: number) => offsetAt(zone, local - offset) === offset;
  if (fits(before)) return local - before;
  return fits(after) ? local - after : local - before;
}
