// Why an operation does not take effect, as the service would say it.

import { ServiceError, type Code } from '../../error.js';

/** A refusal on its way out: units of several steps still put their place before the field. */
export class Refusal extends Error {
  constructor(readonly code: Code, message: string, public field?: string, readonly details: object = {}) {
    super(message);
  }

  /** The same, with `prefix` before the path of the field that it names, if it names one. */
  under(prefix: string): this {
    if (this.field !== undefined) this.field = this.field === '' ? prefix : `${prefix}.${this.field}`;
    return this;
  }

  /** As it would come over the wire, where all but the base version stands below `op`. */
  toError(): ServiceError {
    if (this.field !== 'baseVersion') this.under('op');
    const details = this.field === undefined ? this.details : { field: this.field };
    const message = this.code === 'invalid' ? `${this.field} ${this.message}` : this.message;
    const said = Object.keys(details).length > 0 ? { details } : {};
    return new ServiceError({ code: this.code, message, ...said });
  }
}

/** A value outside its bounds: the rule is a phrase after the field's name. */
export function invalid(field: string, rule: string): Refusal {
  return new Refusal('invalid', rule, field);
}

export function notFound(what: string, field: string): Refusal {
  return new Refusal('not_found', `${what} not found`, field);
}

export function forbidden(rule: string): Refusal {
  return new Refusal('forbidden', rule);
}

/** What only the service can decide, such as a restore: neither accepted nor refused here. */
export class Undecidable extends Error {}
