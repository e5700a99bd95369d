/** The console's pages and what is around them. */

import Spinner from "@cloudscape-design/components/spinner";
import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router-dom";
import { useDoor } from "./api/session";
import { Login } from "./page/Login";
import { Frame } from "./Frame";

const Jobs = lazy(() => import("./page/Jobs"));
const Job = lazy(() => import("./page/Job"));
const Submit = lazy(() => import("./page/Submit"));
const Resubmit = lazy(() => import("./page/Resubmit"));
const Overview = lazy(() => import("./page/Overview"));
const Bundles = lazy(() => import("./page/Bundles"));
const Bundle = lazy(() => import("./page/Bundle"));
const Pools = lazy(() => import("./page/Pools"));
const Keys = lazy(() => import("./page/Keys"));
const Webhooks = lazy(() => import("./page/Webhooks"));
const Webhook = lazy(() => import("./page/Webhook"));

export function App() {
  const { session } = useDoor();
  if (!session) return <Login />;
  return (
    // Another organization's page begins anew.
    <Frame key={session.organization.id}>
      <Suspense
        fallback={
          <div role="status">
            <Spinner /> Loading…
          </div>
        }
      >
        <Routes>
          <Route path="/jobs" element={<Jobs />} />
          <Route path="/jobs/:id" element={<Job />} />
          <Route path="/jobs/:id/resubmit" element={<Resubmit />} />
          <Route path="/submit" element={<Submit />} />
          <Route path="/overview" element={<Overview />} />
          <Route path="/bundles" element={<Bundles />} />
          <Route path="/bundles/:id" element={<Bundle />} />
          <Route path="/pools" element={<Pools />} />
          <Route path="/keys" element={<Keys />} />
          <Route path="/webhooks" element={<Webhooks />} />
          <Route path="/webhooks/:id" element={<Webhook />} />
          <Route path="*" element={<Navigate to="/jobs" replace />} />
        </Routes>
      </Suspense>
    </Frame>
  );
}
