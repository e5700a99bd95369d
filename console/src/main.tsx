/** Begins the console. */

import "@cloudscape-design/global-styles/index.css";
import "./main.css";
import I18nProvider from "@cloudscape-design/components/i18n";
import english from "@cloudscape-design/components/i18n/messages/all.en";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { HashRouter } from "react-router-dom";
import { App } from "./App";
import { SessionProvider } from "./api/session";
import { showMode } from "./mode";

showMode();
const root = document.getElementById("root");
if (!root) throw new Error("The page has no place for the console");
createRoot(root).render(
  <StrictMode>
    <I18nProvider locale="en" messages={[english]}>
      <HashRouter>
        <SessionProvider>
          <App />
        </SessionProvider>
      </HashRouter>
    </I18nProvider>
  </StrictMode>,
);
