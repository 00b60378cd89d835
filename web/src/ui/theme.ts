/** The one theme: an accent, neutral greys, four colours for status, two sizes for work and one for the number that matters. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eff1fe", "#dde1fb", "#b9c1f6", "#929ff0", "#7181eb", "#5c6de8", "#4c5ee0", "#3f50cb", "#3545b3", "#293899",
];

const dark: MantineColorsTuple = [
  "#d3d7de", "#b4bcc9", "#8b93a1", "#6d7686", "#3a3f4a", "#31353f", "#20232a", "#1d2026", "#16181d", "#0f1115",
];

const dialogTitle = { fontSize: "1rem", fontWeight: 650, lineHeight: 1.4 };

/** The head of a dialog is no banner of the page. */
const dialogHead = { defaultProps: { role: "presentation" } };

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 7,
  colors: { accent, dark },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  fontSizes: { xs: "0.8125rem", sm: "0.875rem", md: "0.875rem", lg: "1rem", xl: "1.75rem" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.25rem", lineHeight: "1.4" }, h2: { fontSize: "1rem", lineHeight: "1.5" }, h3: { fontSize: "0.875rem", lineHeight: "1.5" } },
  },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "sm" } },
    Modal: { defaultProps: { centered: true, radius: "md" }, styles: { title: dialogTitle } },
    Drawer: { styles: { title: dialogTitle } },
    ModalHeader: dialogHead,
    DrawerHeader: dialogHead,
    Loader: { defaultProps: { type: "dots" } },
  },
});

/** Mantine's own dimmed, placeholder and error colours stay under 4.5 : 1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#596170",
    "--mantine-color-placeholder": "#69707d",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#3545b3",
    "--app-ground": "#f7f8fa",
    "--app-surface": "#ffffff",
    "--app-line": "#e1e4ea",
    "--app-good": "#1a7340",
    "--app-bad": "#b42318",
    "--app-care": "#8f5400",
    "--app-wait": "#4a5568",
    "--app-good-ground": "#e4f5ea",
    "--app-bad-ground": "#fdebe9",
    "--app-care-ground": "#fdf1dc",
    "--app-wait-ground": "#eceff3",
    "--app-chosen-ground": "#eff1fe",
    "--app-chosen": "#3545b3",
    "--app-group": "#b9c1f6",
    "--app-phone": "#2b2f37",
    "--app-bubble": "#e9ebf0",
    "--app-bubble-text": "#1a1d23",
    "--app-bar-good": "#2f9e5f",
    "--app-bar-bad": "#d64535",
    "--app-bar-care": "#e0a030",
    "--app-bar-wait": "#c3cad5",
    "--app-bar-accent": "#4c5ee0",
    "--app-bar-skip": "#8a93a3",
  },
  dark: {
    "--mantine-color-body": "#16181d",
    "--mantine-color-dimmed": "#a9b1bd",
    "--mantine-color-placeholder": "#949ca9",
    "--mantine-color-error": "#ff9b92",
    "--mantine-color-anchor": "#aab5f7",
    "--mantine-color-default": "#20232a",
    "--mantine-color-default-border": "#3a3f4a",
    "--app-ground": "#16181d",
    "--app-surface": "#1d2026",
    "--app-line": "#31353f",
    "--app-good": "#6fd596",
    "--app-bad": "#ff9b92",
    "--app-care": "#f2bd63",
    "--app-wait": "#b4bcc9",
    "--app-good-ground": "#17301f",
    "--app-bad-ground": "#3b1d1b",
    "--app-care-ground": "#352812",
    "--app-wait-ground": "#2a2e36",
    "--app-chosen-ground": "#2a3054",
    "--app-chosen": "#c3cbfa",
    "--app-group": "#4c5ee0",
    "--app-phone": "#0b0c0f",
    "--app-bubble": "#343944",
    "--app-bubble-text": "#eef0f4",
    "--app-bar-good": "#4fbf7d",
    "--app-bar-bad": "#f0776b",
    "--app-bar-care": "#d9a545",
    "--app-bar-wait": "#4b5260",
    "--app-bar-accent": "#7181eb",
    "--app-bar-skip": "#6d7686",
  },
});
