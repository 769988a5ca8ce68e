// The token and where the next one comes from.

/**
 * Answers a token, or null when the person must sign in again. Throwing means that nobody could be
 * asked, such as without a network: it is tried again later.
 */
export type TokenSource = () => Promise<string | null> | string | null;

/** Who a token speaks for. */
export interface Identity {
  readonly tenantId: string;
  readonly userId: string;
}

/** Keeps the newest token. One renewal at a time, whoever asks. */
export class Tokens {
  #current: string | null;
  #source: TokenSource;
  #asking: Promise<string | null> | null = null;

  /** A token to begin with, or a source for the first and all others; `renew` is that of the others. */
  constructor(token: string | TokenSource, renew?: TokenSource) {
    this.#current = typeof token === 'string' ? token : null;
    this.#source = renew ?? (typeof token === 'string' ? () => null : token);
  }

  /** Who it speaks for, where it can be read; nobody is believed for it. */
  get identity(): Identity | null {
    return this.#current === null ? null : claimed(this.#current);
  }

  /** Puts another in its place. */
  use(token: string): void {
    this.#current = token;
  }

  /** The token to present; asks for one when there is none. */
  async current(): Promise<string | null> {
    return this.#current ?? this.renewed();
  }

  /** A new token, which takes the place of the old. */
  renewed(): Promise<string | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<string | null> {
    const token = await this.#source();
    if (token) this.#current = token;
    return token;
  }
}

function claimed(token: string): Identity | null {
  try {
    const text = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(text, (unit) => unit.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; tenant_id?: unknown };
    const { sub, tenant_id: tenantId } = claims;
    return typeof sub === 'string' && typeof tenantId === 'string' ? { userId: sub, tenantId } : null;
  } catch {
    return null;
  }
}
