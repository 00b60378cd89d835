/** The same email by day and by night, whatever this screen is set to. */

const DARK = /\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi;
const LIGHT = /\(\s*prefers-color-scheme\s*:\s*light\s*\)/gi;
const ALWAYS = "(min-width: 0px)";
const NEVER = "(max-width: 0px)";

/** What programs do that darken emails by themselves: all colours turned, pictures as they are. */
const TURNED = "<style>html{background:#fff;filter:invert(1) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}</style>";

export const hasOwnDark = (html: string): boolean => html.search(DARK) >= 0;

export function inScheme(html: string, isDark: boolean): string {
  const settled = html.replaceAll(DARK, isDark ? ALWAYS : NEVER).replaceAll(LIGHT, isDark ? NEVER : ALWAYS);
  if (!isDark || hasOwnDark(html)) return settled;
  const head = settled.search(/<\/head>/i);
  return head < 0 ? TURNED + settled : settled.slice(0, head) + TURNED + settled.slice(head);
}
