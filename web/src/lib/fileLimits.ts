/** Files of an email: what can be said of one before it is sent to the server, which looks into it all the same. */

/** What runs when it is opened, as mailboxes refuse it; the commonest of what the server knows. */
const dangerous = new Set(
  "ade adp apk app appx bat cab chm cmd com cpl dll dmg exe hta htm html img ins iso isp jar jnlp js jse lib lnk mde mht mjs msc msi msix msp mst nsh pif php ps1 py reg scr sct sh shb svg sys url vb vbe vbs vhd vxd wsc wsf wsh xhtml xll".split(" "),
);

const MEGABYTE = 1024 * 1024;

export interface Room {
  files: { bytes: number }[];
  bytes: number;
  most_bytes: number;
  most_files: number;
}

/** "640 KB", "1.2 MB" */
export function sizeWord(bytes: number): string {
  if (bytes < MEGABYTE / 10) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

/** Undefined for a file that can be tried. */
export function whyNotFile({ name, size }: Pick<File, "name" | "size">, room: Room | undefined): string | undefined {
  const ending = name.includes(".") ? (name.split(".").at(-1) ?? "").toLowerCase() : "";
  if (dangerous.has(ending)) return `${name}: mailboxes refuse .${ending} files, and the email with them. Send a PDF, or a link to the file.`;
  if (size === 0) return `${name} is empty. Choose a file with something in it.`;
  if (room === undefined) return undefined;
  if (room.files.length >= room.most_files) return `${name} was not added: an email takes ${room.most_files} files at most. Remove one first.`;
  if (room.bytes + size > room.most_bytes)
    return `${name} has ${sizeWord(size)}, and ${sizeWord(Math.max(0, room.most_bytes - room.bytes))} are left. Make it smaller, or put it on the web and link to it.`;
  return undefined;
}
