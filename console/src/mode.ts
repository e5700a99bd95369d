/** Light or dark: as the reader chose the last time, else as the system is. */

import { applyMode, Mode } from "@cloudscape-design/global-styles";

const PLACE = "mediajobs.mode";
const DARK = matchMedia("(prefers-color-scheme: dark)");

export function isDark(): boolean {
  const kept = localStorage.getItem(PLACE);
  return kept ? kept === Mode.Dark : DARK.matches;
}

export function showMode(): void {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
}

export function chooseMode(dark: boolean): void {
  localStorage.setItem(PLACE, dark ? Mode.Dark : Mode.Light);
  showMode();
}

DARK.addEventListener("change", showMode);
