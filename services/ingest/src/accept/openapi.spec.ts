import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { Ingest } from '../ingest.parts.js';
import { addressesController } from './addresses.controller.js';
import { importsController } from './imports/imports.controller.js';
import { documentsController } from './documents.controller.js';
import { openapi } from './openapi.js';
import { webhooksController } from './webhooks.controller.js';

// As Nest keeps them: the path of class and method, and the verb (0 GET, 1 POST).
const routesOf = (controller: { readonly prototype: object }): string[] =>
  Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
    const method = (controller.prototype as Record<string, object>)[name]!;
    if (!Reflect.hasMetadata('method', method)) return [];
    const path = Reflect.getMetadata('path', method) as string;
    const prefix = (Reflect.getMetadata('path', controller) as string).replace(/^\/$/, '');
    const verb = ['get', 'post'][Reflect.getMetadata('method', method) as number];
    return [`${verb} /${[prefix, path].filter((part) => part !== '').join('/').replace(/(?<!:):(\w+)/g, '{$1}').replaceAll('::', ':')}`];
  });

describe('openapi.json', () => {
  it('ING-01: describes every route, and no other', () => {
    const routes = [webhooksController, importsController, addressesController, documentsController].flatMap((controller) => routesOf(controller({} as Ingest)));
    const described = Object.entries(openapi.paths).flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => `${verb} ${path}`));
    expect(routes.toSorted()).toEqual(described.toSorted());
    expect(routes).toHaveLength(7);
  });
});
