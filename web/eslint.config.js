import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Who may import whom: routes → features → queries → api, and ui under features and routes. */
const zones = [
  ['api', ['queries', 'features', 'routes', 'ui']],
  ['queries', ['features', 'routes', 'ui']],
  ['ui', ['queries', 'features', 'routes']],
  ['features', ['routes']],
];

function zone([folder, forbidden]) {
  const patterns = forbidden.map((name) => ({
    group: [`@/${name}/*`, `**/${name}/*`],
    message: `${folder}/ lies below ${name}/ and must not know it.`,
  }));
  if (folder === 'ui') {
    patterns.push(
      { group: ['@tanstack/*'], message: 'ui/ knows neither router nor query.' },
      { group: ['@/api/*', '!@/api/types'], message: 'ui/ knows the types of the API only.' },
    );
  }
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

export default tseslint.config(
  {
    ignores: [
      'dist',
      'test-results',
      'playwright-report',
      'src/api/schema.d.ts',
      'src/routeTree.gen.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The router throws redirects and not-found answers, which are no errors.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/**/*.test.*', 'src/test/**'],
    extends: [reactHooks.configs.flat.recommended, jsxA11y.flatConfigs.strict],
  },
  ...zones.map(zone),
  {
    files: ['public/**/*.js'],
    languageOptions: {
      globals: { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' },
    },
  },
);
