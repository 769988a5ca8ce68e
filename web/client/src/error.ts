// What a refusal looks like to an application, whoever refuses: the service (protocol, section 8) or
// this library.

import type * as wire from './wire.js';

/** The service's codes, and two of our own: no link, and no room for more unsent operations. */
export type Code = wire.ErrorCode | 'disconnected' | 'queue_full';

/** A refusal. Branch on `code`; `message` is for people and may change. */
export class ServiceError extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;

  constructor(of: { code: Code; message?: string; retryable?: boolean; retryAfterMs?: number | null; details?: unknown }) {
    super(of.message || of.code);
    this.name = 'ServiceError';
    this.code = of.code;
    this.retryable = of.retryable ?? false;
    this.retryAfterMs = of.retryAfterMs ?? undefined;
    this.details = of.details;
  }
}

/** The link went before the answer came. */
export function disconnected(): ServiceError {
  return new ServiceError({ code: 'disconnected', message: 'The connection was lost.', retryable: true });
}

/** What was thrown, as a `ServiceError`. */
export function refusalOf(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  throw thrown;
}
