import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const rooms = [
  'util',
  'model',
  'protocol',
  'node',
  'cri',
  'runtime',
  'views',
  'panels',
  'terminal',
  'commands',
];

/** Which rooms each room of src/ may import, and whether it may import `vscode`. See ARCHITECTURE.md. */
const may = {
  util: { rooms: [] },
  model: { rooms: [] },
  protocol: { rooms: ['model'] },
  node: { rooms: ['util', 'model'] },
  cri: { rooms: ['util'] },
  runtime: { rooms: ['node', 'cri', 'model', 'util'] },
  views: { rooms: ['runtime', 'model', 'util'], vscode: true },
  panels: { rooms: ['runtime', 'model', 'protocol', 'util'], vscode: true },
  terminal: { rooms: ['runtime', 'model', 'util'], vscode: true },
  commands: { rooms: ['views', 'panels', 'terminal', 'runtime', 'model', 'util'], vscode: true },
};

/** One no-restricted-imports block for a room: everything its line in `may` does not name is an error. */
function room(name, { rooms: allowed, vscode = false }) {
  const forbidden = rooms.filter((other) => other !== name && !allowed.includes(other));
  return {
    files: [`src/${name}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: vscode ? [] : [{ name: 'vscode', message: `src/${name} knows nothing of VS Code` }],
          patterns: [
            {
              group: [...forbidden.map((other) => `**/${other}/**`), '**/extension.js', '**/webview/**'],
              message: `not a room that src/${name} may import (ARCHITECTURE.md)`,
            },
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ['dist/**', 'out/**', '.cache/**', 'src/cri/generated/**', 'test/fixtures/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './webview/tsconfig.json', './test/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'a node’s words are never HTML' },
        { property: 'outerHTML', message: 'a node’s words are never HTML' },
        { property: 'insertAdjacentHTML', message: 'a node’s words are never HTML' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value=/unsafe-html|unsafe-svg/]',
          message: 'a node’s words are never HTML',
        },
      ],
    },
  },
  ...Object.entries(may).map(([name, rule]) => room(name, rule)),
  {
    files: ['webview/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'vscode', message: 'a webview has no vscode' }],
          patterns: [
            {
              regex: '^node:|^\\..*/src/(?!model/|protocol/)',
              message: 'a webview may import src/model and src/protocol only',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'fetch',
          'URL',
          'Buffer',
          'AbortSignal',
          'AbortController',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
