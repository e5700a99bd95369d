/** How the console is built: to static files that load nothing from other hosts, the same at every build. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const HERE = import.meta.dirname;
const SOURCES = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "public", "src"];

/** Cloudscape ships its fonts as data: URLs; as files, the page's policy need not allow those. */
function fontFiles(): Plugin {
  return {
    name: "font-files",
    enforce: "pre",
    apply: "build",
    transform(code, id) {
      if (!id.includes("global-styles/index.css")) return null;
      let count = 0;
      return code.replace(/url\('data:font\/woff2;base64,([^']+)'\)/g, (_match, data: string) => {
        const source = Buffer.from(data, "base64");
        const reference = this.emitFile({ type: "asset", name: `font-${++count}.woff2`, source });
        return `url('/console/${this.getFileName(reference)}')`;
      });
    },
  };
}

/** `.sources` beside the built files: the digest of what they were built from. */
function sourceDigest(): Plugin {
  const filesOf = (path: string): string[] => {
    try {
      return readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name));
    } catch {
      return [path];
    }
  };
  return {
    name: "source-digest",
    apply: "build",
    closeBundle() {
      const files = SOURCES.flatMap((name) => filesOf(join(HERE, name))).map((path) => relative(HERE, path).replaceAll("\\", "/"));
      const digest = createHash("sha256");
      for (const name of files.sort()) {
        digest.update(`${name}\0${createHash("sha256").update(readFileSync(join(HERE, name))).digest("hex")}\n`);
      }
      writeFileSync(join(HERE, "dist/.sources"), `${digest.digest("hex")}\n`);
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [fontFiles(), react(), sourceDigest()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1500 },
  // For work on the console: a running service, such as the local stack.
  server: { proxy: { "^/(?!console(/|$))": process.env.MEDIAJOBS_URL ?? "http://localhost:8000" } },
});
