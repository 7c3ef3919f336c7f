import type { AnswerOf, Method, RequestOf } from './methods.js';

/** The gateway's refusal of a request. `reason` is one of the registry (`ALREADY_SHIPPED`), or `OFFLINE` when nothing answered. */
export class RpcError extends Error {
  constructor(
    readonly code: string,
    readonly reason: string,
    message: string,
    readonly violations: readonly { readonly field: string; readonly description: string }[] = [],
    readonly metadata: Readonly<Record<string, string>> = {},
    readonly requestId = '',
  ) {
    super(message);
  }
}

const guard = { 'x-flotilla-console': '1' } as const;

/** Told of every 401: the session is over, whatever page asked. */
let signedOut: () => void = () => undefined;
export const onSignedOut = (tell: () => void): void => {
  signedOut = tell;
};

const refusal = async (response: Response): Promise<RpcError> => {
  const body = (await response.json().catch(() => ({}))) as Partial<RpcError>;
  if (response.status === 401) signedOut();
  // A gateway that is away is answered for by whatever stands before it.
  const reason = body.reason ?? (response.status >= 502 ? 'UNAVAILABLE' : response.status === 401 ? 'UNAUTHENTICATED' : response.status === 403 ? 'FORBIDDEN' : 'INTERNAL');
  return new RpcError(body.code ?? String(response.status), reason, body.message ?? response.statusText, body.violations ?? [], body.metadata ?? {}, body.requestId ?? '');
};

const send = async (url: string, init: RequestInit): Promise<Response> => {
  const response = await fetch(url, { credentials: 'same-origin', ...init }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new RpcError('UNAVAILABLE', 'OFFLINE', 'the console cannot be reached');
  });
  if (!response.ok) throw await refusal(response);
  return response;
};

/**
 * Asks a method of a service through the gateway. Throws `RpcError`.
 *
 * ```ts
 * const { orders } = await rpc('flotilla.order.v1.Orders/List', { page: { size: 100 } });
 * ```
 */
export const rpc = async <M extends Method>(method: M, request: RequestOf<M>, signal?: AbortSignal): Promise<AnswerOf<M>> => {
  const response = await send(`/api/rpc/${method}`, { method: 'POST', headers: { 'content-type': 'application/json', ...guard }, body: JSON.stringify(request), ...(signal ? { signal } : {}) });
  return (await response.json()) as AnswerOf<M>;
};

/** A key for one intent: whatever is repeated under it counts once. `randomUUID` is there in secure contexts alone, and a workbench may be asked by its name over http. */
export const newRequestId = (): string =>
  typeof crypto.randomUUID === 'function' ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Where a method that answers bytes can be had as a file. */
export const fileUrl = <M extends Method>(method: M, request: RequestOf<M>): string => `/api/files/${method}?request=${encodeURIComponent(JSON.stringify(request))}`;

/** The bytes themselves, to be shown or printed. Throws `RpcError`. */
export const fetchFile = async <M extends Method>(method: M, request: RequestOf<M>, signal?: AbortSignal): Promise<Blob> => (await send(fileUrl(method, request), signal ? { signal } : {})).blob();

/** Saves it (`name`), or shows it in another tab. An answer that is a refusal is thrown, not saved. */
export const openFile = async <M extends Method>(method: M, request: RequestOf<M>, name?: string): Promise<void> => {
  const response = await send(fileUrl(method, request), {});
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  if (name === undefined) link.target = '_blank';
  else link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};

/** Sends a file to a client-streaming method; `meta` are the fields of the first message. Answers its report. */
export const upload = async <M extends Method>(method: M, file: Blob, meta: Readonly<Record<string, unknown>> = {}): Promise<AnswerOf<M>> => {
  const response = await send(`/api/files/${method}?meta=${encodeURIComponent(JSON.stringify(meta))}`, { method: 'POST', headers: { 'content-type': 'application/octet-stream', ...guard }, body: file });
  return (await response.json()) as AnswerOf<M>;
};

/** The gateway's own small API: session, print agents. */
export const api = async <T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> => {
  const response = await send(path, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(method === 'GET' ? {} : guard) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
};
