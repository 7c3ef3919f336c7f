// Generated from proto/ by protoc-gen-plain; do not edit.

export interface LogAnchored {
  readonly service: string;
  /** the last event covered */
  readonly position: number;
  /** how many events the anchor covers since the one before */
  readonly events: number;
  /** hex: sha256(root before ‖ hashes of the events since, in position order) */
  readonly root: string;
  readonly anchoredAt: string;
}

/** A message that a consumer could not handle, on <topic>.dlq. The payload is sealed. */
export interface MessageParked {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly type: string;
  readonly reason: string;
  readonly detail: string;
  /** sealed */
  readonly payload: string;
}

