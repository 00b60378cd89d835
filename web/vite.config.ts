import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const backend = process.env["CLARION_API"] ?? "http://127.0.0.1:8787";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": here("src") } },
  build: {
    target: "es2022",
    // Swagger UI is one large file that only the documentation page loads.
    chunkSizeWarningLimit: 1600,
    rolldownOptions: { input: { app: here("index.html"), docs: here("docs.html") } },
  },
  server: { proxy: { "/api": { target: backend, ws: true }, "/images": backend } },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    env: { TZ: "UTC" },
  },
});
