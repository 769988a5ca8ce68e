// Why an answer did not come, in the few kinds that the console tells apart.

/** `expired`: sign in again. `forbidden`: not this token. `unreachable`: nobody answered. `refused`: the rest. */
export type TroubleKind = 'expired' | 'forbidden' | 'unreachable' | 'missing' | 'refused';

/** A request that was not served. `message` is the service's own. */
export class Trouble extends Error {
  constructor(readonly kind: TroubleKind, readonly code: string, message: string) {
    super(message);
    this.name = 'Trouble';
  }
}

const KINDS: Readonly<Record<string, TroubleKind>> = {
  unauthenticated: 'expired', token_expired: 'expired', forbidden: 'forbidden', not_found: 'missing',
};

/** What an answer of an error status says. */
export function troubleOf(status: number, body: unknown): Trouble {
  const said = (body as { error?: { code?: string; message?: string } } | null)?.error;
  // Without our words it is something in front of the service that answers.
  if (!said?.code) return new Trouble(status >= 500 ? 'unreachable' : 'refused', String(status), `HTTP ${status}`);
  return new Trouble(KINDS[said.code] ?? 'refused', said.code, said.message ?? said.code);
}

/** What was thrown, as trouble; a fault of the network is `unreachable`. */
export function asTrouble(thrown: unknown): Trouble {
  if (thrown instanceof Trouble) return thrown;
  return new Trouble('unreachable', 'unreachable', thrown instanceof Error ? thrown.message : String(thrown));
}
