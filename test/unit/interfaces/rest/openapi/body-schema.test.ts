import { expect } from 'chai';
import { SCOPES } from '../../../../../src/domain/api-key.js';
import { newKeySchema, rotationSchema } from '../../../../../src/interfaces/rest/api-keys/api-key.bodies.js';
import { incrementSchema, touchSchema } from '../../../../../src/interfaces/rest/entries/entry.bodies.js';
import { restoreSchema } from '../../../../../src/interfaces/rest/snapshots/snapshot.bodies.js';

describe('The documented schemas of bodies', () => {
  it('say all that their classes demand', () => {
    expect(newKeySchema).to.deep.equal({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 100, description: 'What people call the key.' },
        scopes: {
          type: 'array',
          items: { type: 'string', enum: [...SCOPES] },
          minItems: 1,
          description: 'What it may do.',
        },
        prefix: {
          type: 'string',
          minLength: 1,
          maxLength: 512,
          description: 'Confines it to entries whose keys begin so.',
        },
        expires_in: {
          type: 'number',
          exclusiveMinimum: 0,
          maximum: 316224000,
          description: 'Seconds until it stops working; it never does if this is left out.',
        },
      },
      required: ['name', 'scopes'],
      additionalProperties: false,
    });
    expect(touchSchema).to.deep.equal({
      type: 'object',
      properties: {
        ttl: {
          type: ['number', 'null'],
          exclusiveMinimum: 0,
          description: 'Seconds from now until the entry expires; null for never.',
        },
      },
      required: ['ttl'],
      additionalProperties: false,
    });
  });

  it('demand nothing of bodies that may be empty, and name their defaults', () => {
    for (const schema of [rotationSchema, incrementSchema, restoreSchema]) {
      expect(schema).to.deep.include({ type: 'object', additionalProperties: false }).and.not.have.property('required');
    }
    expect(rotationSchema).to.have.nested.property('properties.grace.default', 0);
    expect(incrementSchema).to.have.deep.nested.property('properties.by', {
      description: 'An integer of any size; 1 if it is left out.',
    });
    expect(incrementSchema).to.nested.include({ 'properties.ttl.exclusiveMinimum': 0 });
  });
});
