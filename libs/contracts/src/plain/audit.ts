// Generated from proto/ by protoc-gen-plain; do not edit.

export interface LogAnchored {
  readonly service: string;
  /** the last event covered */
  readonly position: number;
  /** how many events the log holds up to there */
  readonly events: number;
  /** hex; from the log's first event on, in position order: root = sha256(root ‖ hash of the event) */
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

