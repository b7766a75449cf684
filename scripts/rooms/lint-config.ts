import { boundaryRules } from './boundaries.ts'

/** The lint's configuration (`.oxlintrc.json`): general rules, and the boundaries of the rooms. */
export function lintConfig(): object {
  return {
    ...GENERAL,
    overrides: [...GENERAL.overrides, ...boundaryRules()],
  }
}

const GENERAL = {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: {
    correctness: 'error',
    suspicious: 'error',
  },
  env: {
    node: true,
    es2024: true,
  },
  rules: {
    'typescript/no-floating-promises': [
      'error',
      {
        allowForKnownSafeCalls: [
          {
            from: 'package',
            package: 'node:test',
            name: ['describe', 'it', 'test', 'suite'],
          },
        ],
      },
    ],
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/return-await': ['error', 'in-try-catch'],
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'import/extensions': [
      'error',
      'ignorePackages',
      {
        js: 'never',
      },
    ],
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'unicorn/prefer-node-protocol': 'error',
    'no-console': 'error',
    eqeqeq: 'error',
    'typescript/consistent-return': 'off',
    'no-shadow': 'off',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
  },
  overrides: [
    {
      files: ['scripts/**', 'terraform/**'],
      rules: {
        'no-console': 'off',
      },
    },
  ],
  ignorePatterns: ['node_modules/**', '**/dist/**', 'reports/**'],
}
