// The token and where the next one comes from.

/**
 * Answers a token, or null when the person must sign in again. Throwing means that nobody could be
 * asked, such as without a network: it is tried again later.
 */
export type TokenSource = () => Promise<string | null> | string | null;

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
