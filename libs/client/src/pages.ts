import type { CallOptions, Deep, RpcMethod } from '@flotilla/contracts';

/** What a page of a list holds. */
type ItemOf<Answer> = { [K in keyof Answer]: Answer[K] extends readonly (infer E)[] ? E : never }[keyof Answer];

/** Beside a method that answers a list by pages: walks it. Each page is asked for when the one before was used up. */
export type Paged<M extends RpcMethod> = M extends { readonly input: { readonly page: unknown }; readonly output: { readonly nextToken: string } }
  ? {
      /** Every entry. */
      readonly each: (request?: Deep<M['input']>, options?: CallOptions) => AsyncIterable<ItemOf<M['output']>>;
      /** Every page, with what it says beside its entries. */
      readonly pages: (request?: Deep<M['input']>, options?: CallOptions) => AsyncIterable<M['output']>;
    }
  : unknown;

/** What matters of a request, whatever else it has. */
export interface AnyRequest {
  readonly requestId?: string;
  readonly page?: { readonly size?: number; readonly token?: string };
}
type List = (request: AnyRequest, options?: CallOptions) => Promise<unknown>;

/** `each` and `pages` of a method; nothing for one that answers no list. */
export const pagesOf = (method: { readonly input: Fields; readonly output: Fields }, list: List): object => {
  if (!method.input.fields.some((field) => field.localName === 'page') || !method.output.fields.some((field) => field.localName === 'nextToken')) return {};
  const [items, ...others] = method.output.fields.filter((field) => field.fieldKind === 'list');
  const pages = async function* (request: AnyRequest = {}, options?: CallOptions): AsyncGenerator<Readonly<Record<string, unknown>>> {
    for (let token = request.page?.token ?? ''; ; ) {
      const page = (await list({ ...request, page: { size: request.page?.size ?? 0, token } }, options)) as Readonly<Record<string, unknown>>;
      yield page;
      token = String(page['nextToken']);
      if (token === '') return;
    }
  };
  if (!items || others.length > 0) return { pages };
  return {
    pages,
    each: async function* (request?: AnyRequest, options?: CallOptions): AsyncGenerator<unknown> {
      for await (const page of pages(request, options)) yield* page[items.localName] as readonly unknown[];
    },
  };
};

interface Fields {
  readonly fields: readonly { readonly localName: string; readonly fieldKind: string }[];
}
