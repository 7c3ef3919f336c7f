// Projects by cost: unit is pure, int needs real Postgres and Kafka, e2e the whole fleet, browser the fleet and Chromium, pods each service as the chart starts it, from the image.
const root = import.meta.dirname;
const specs = (suffix) => [
  `<rootDir>/{libs,services,deploy}/*/src/**/*${suffix}`,
  `<rootDir>/services/console/{spec,web/src}/**/*${suffix}`,
  `<rootDir>/deploy/tasks/*${suffix}`,
];

const base = {
  rootDir: root,
  testEnvironment: 'node',
  injectGlobals: false,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
  moduleNameMapper: {
    '^@flotilla/tasks$': '<rootDir>/deploy/tasks/index.ts',
    '^@flotilla/(verify|demo)$': '<rootDir>/deploy/$1/src/index.ts',
    '^@flotilla/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/.flotilla', '<rootDir>/.nx'],
};
const ignore = ['/node_modules/', '/dist/'];
const servers = { globalSetup: '<rootDir>/deploy/tasks/jest-up.mjs', globalTeardown: '<rootDir>/deploy/tasks/jest-down.mjs' };

export default {
  // What a spec waits for is bounded by the spec; this is only for what hangs, and leaves room for a busy machine.
  testTimeout: 60_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: specs('.spec.ts'), testPathIgnorePatterns: [...ignore, '\\.(int|e2e|browser|pods)\\.spec\\.ts$'] },
    { ...base, ...servers, displayName: 'int', testMatch: specs('.int.spec.ts'), testPathIgnorePatterns: ignore },
    { ...base, ...servers, displayName: 'e2e', testMatch: specs('.e2e.spec.ts'), testPathIgnorePatterns: ignore },
    { ...base, ...servers, displayName: 'browser', testMatch: specs('.browser.spec.ts'), testPathIgnorePatterns: ignore },
    { ...base, ...servers, displayName: 'pods', testMatch: specs('.pods.spec.ts'), testPathIgnorePatterns: ignore },
  ],
};
