import { expect, it } from "vitest";
import { sizeWord, whyNotFile } from "./fileLimits";

const MB = 1024 * 1024;
const room = (sizes: number[]) => ({ files: sizes.map((bytes) => ({ bytes })), bytes: sizes.reduce((sum, each) => sum + each, 0), most_bytes: 5 * MB, most_files: 5 });

it.each([
  [1, "1 KB"],
  [655_360, "0.6 MB"],
  [50_000, "49 KB"],
  [1.25 * MB, "1.3 MB"],
])("says how large %d bytes are", (bytes, word) => expect(sizeWord(bytes)).toBe(word));

it.each(["setup.exe", "offer.pdf.JS", "page.html"])("refuses %s, which mailboxes do", (name) =>
  expect(whyNotFile({ name, size: 10 }, room([]))).toMatch(/mailboxes refuse/),
);

it("counts files and their sizes", () => {
  expect(whyNotFile({ name: "a.pdf", size: MB }, room([1, 1, 1, 1]))).toBeUndefined();
  expect(whyNotFile({ name: "a.pdf", size: MB }, room([1, 1, 1, 1, 1]))).toMatch(/5 files at most/);
  expect(whyNotFile({ name: "a.pdf", size: MB }, room([4 * MB]))).toBeUndefined();
  expect(whyNotFile({ name: "a.pdf", size: MB + 1 }, room([4 * MB]))).toBe("a.pdf has 1.0 MB, and 1.0 MB are left. Make it smaller, or put it on the web and link to it.");
  expect(whyNotFile({ name: "README", size: 0 }, undefined)).toMatch(/is empty/);
});
