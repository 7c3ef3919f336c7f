import { Describe, json } from '@flotilla/service-kit';
import { Controller, Get, Header, type Type } from '@nestjs/common';
import type { Ingest } from '../ingest.parts.js';

/** What connectors need before they can send anything: the key for personal data. */
export const documentsController = ({ connectorKey }: Ingest): Type => {
  @Controller()
  class DocumentsController {
    @Describe({
      id: 'connectorKeys',
      summary: 'JWKS: the public key to which connectors encrypt the personal part of an order (compact JWE, ECDH-ES with A256GCM)',
      answers: { 200: ['JWKS', json({ type: 'object', required: ['keys'], properties: { keys: { type: 'array', items: { type: 'object' } } } })] },
    })
    @Get('v1/keys')
    @Header('content-type', 'application/json')
    @Header('cache-control', 'public, max-age=300')
    keys(): string {
      return JSON.stringify(connectorKey.jwks);
    }
  }
  return DocumentsController;
};
