import { Controller, Get, Header, type Type } from '@nestjs/common';
import type { Ingest } from '../ingest.parts.js';
import { openapi } from './openapi.js';

/** What outsiders need before they can send anything: the key for personal data, and the description of this API. */
export const documentsController = ({ connectorKey }: Ingest): Type => {
  @Controller()
  class DocumentsController {
    @Get('v1/keys')
    @Header('content-type', 'application/json')
    @Header('cache-control', 'public, max-age=300')
    keys(): string {
      return JSON.stringify(connectorKey.jwks);
    }

    @Get('openapi.json')
    @Header('content-type', 'application/json')
    description(): string {
      return JSON.stringify(openapi);
    }
  }
  return DocumentsController;
};
