/** The three looks that every screen is shown in, and the class by which VS Code's page tells that it wears one. */
export const themes = {
  light: { name: 'Default Light Modern', marker: 'vs' },
  dark: { name: 'Default Dark Modern', marker: 'vs-dark' },
  contrast: { name: 'Default High Contrast', marker: 'hc-black' },
} as const;

export type Theme = keyof typeof themes;
