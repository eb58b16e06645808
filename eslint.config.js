import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["dist/", "target/", ".tools/", "node_modules/", "web/app/generated/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text that becomes a page can run. Use h() or parseSvg()." },
        { property: "outerHTML", message: "Text that becomes a page can run. Use h() or parseSvg()." },
      ],
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["web/**"],
    languageOptions: { globals: { ...globals.browser, ...globals.worker } },
    rules: { "max-len": ["error", { code: 120 }] },
  },
  // Tools beside the tests print what they measured.
  {
    files: ["tests/**"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { "no-console": "off" },
  },
];
