import { readdirSync } from "node:fs";
import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = readdirSync(`${import.meta.dirname}/src/features`);

/** Shown as a whole by other features; it imports none of them. */
const shared = ["email"];

/** A feature never imports another feature: what two of them need lives in api, lib or ui, or is one of those. */
const roomOfItsOwn = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: features.filter((other) => other !== feature && !shared.includes(other)).flatMap((other) => [`**/${other}/**`]),
            message: "A feature never imports another feature; move what both need to api, lib or ui.",
          },
          { group: ["@/routes/**"], message: "Routes put features together, not the other way round." },
        ],
      },
    ],
  },
}));

const below = (folder, above) => ({
  files: [`src/${folder}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [{ group: above.map((name) => `@/${name}/**`), message: `${folder} is below ${above.join(", ")}.` }] },
    ],
  },
});

export default tseslint.config(
  { ignores: ["dist", "coverage", "src/api/schema.d.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // Numbers are formatted by lib/format; in class names and keys they may stand as they are.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An arrow function that only calls is the usual event handler.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Event handlers of React take async functions; their errors end in the query or the draft.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks, ...jsxA11y.flatConfigs.strict.plugins },
    languageOptions: jsxA11y.flatConfigs.strict.languageOptions,
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...jsxA11y.flatConfigs.strict.rules,
      // Tables become cards on phones, where `display` would take their roles away.
      "jsx-a11y/no-redundant-roles": "off",
      "jsx-a11y/no-interactive-element-to-noninteractive-role": ["error", { tr: ["row"], td: ["cell"] }],
    },
  },
  // The stand-in API is for looking at the app only.
  { files: ["dev/**"], rules: { "@typescript-eslint/no-base-to-string": "off", "@typescript-eslint/no-misused-spread": "off", "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_" }] } },
  { files: ["**/*.{ts,tsx,js}"], rules: { "max-lines": ["error", { max: 250 }] } },
  below("lib", ["ui", "features", "routes"]),
  below("api", ["ui", "features", "routes"]),
  below("ui", ["features", "routes"]),
  ...roomOfItsOwn,
);
