import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Of Math, what IEEE 754 or the language defines to the last bit. The rest differs between engines. */
const inexact = [
  ...['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot'],
  ...['log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh', 'random'],
];

export default defineConfig(
  globalIgnores([
    'target/',
    'dist/',
    'ts/engine/generated/',
    'ts/entrypoints/*.js',
    'ts/entrypoints/fourlane_*.d.ts',
    '**/dist/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './tests/tsconfig.json'] } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', 400],
      'no-console': 'error',
    },
  },
  {
    files: ['ts/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...inexact.map((property) => ({
          object: 'Math',
          property,
          message: 'Its result differs between JavaScript engines; compute it in the crate.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'BinaryExpression[operator="**"]', message: 'Its result differs between JavaScript engines.' },
        { selector: 'AssignmentExpression[operator="**="]', message: 'Its result differs between JavaScript engines.' },
        { selector: 'VariableDeclarator > Identifier[name="Math"]', message: 'Name what you use of Math.' },
        {
          selector: 'VariableDeclarator[init.name="Math"]',
          message: 'Use Math.* in full, so that the rule on inexact functions sees it.',
        },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'window', 'document'],
    },
  },
  {
    files: ['tests/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    files: ['tests/packaging/apps/**/*.{js,cjs}'],
    languageOptions: { globals: { document: 'readonly', console: 'readonly', require: 'readonly' } },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
