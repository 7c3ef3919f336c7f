/** One call that changed something, or was refused for its roles. */
export interface AuditedCall {
  readonly method: string;
  readonly caller: string;
  readonly through: string;
  readonly roles: readonly string[];
  readonly requestId: string;
  readonly targets: readonly string[];
  readonly correlation: string;
  /** OK, or the reason of the refusal. */
  readonly outcome: string;
}

export interface Audit {
  /** Resolves when it is on disk. Never rejects: what was done is done, and says in its events who did it. */
  write(call: AuditedCall): Promise<void>;
}

const named = /^(?:\w+Id|channel|sku|warehouse|subject|id)$/;

/** The ids that a request names, as `orderId=…`: what a call was about, without what was said. */
export const targetsOf = (request: unknown): readonly string[] =>
  typeof request !== 'object' || request === null
    ? []
    : Object.entries(request)
        .filter(([name, value]) => name !== 'requestId' && named.test(name) && typeof value === 'string' && value !== '' && value.length <= 200)
        .map(([name, value]) => `${name}=${value as string}`)
        .slice(0, 8);
