/** One job: how far it is, what it has made, and everything that is known of it. */

import Alert from "@cloudscape-design/components/alert";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useNavigate, useParams, useSearchParams } from "react-router-dom";
import { useAct } from "../api/act";
import type { Job as JobKind } from "../api/kind";
import { useSession } from "../api/session";
import { Actions } from "../job/Actions";
import { Consumption } from "../job/Consumption";
import { History } from "../job/History";
import { Log } from "../job/Log";
import { Outputs } from "../job/Outputs";
import { Summary } from "../job/Summary";
import { Timeline } from "../job/Timeline";
import { useJob } from "../job/watch";
import { Deliveries } from "../part/Deliveries";
import { Shown } from "../part/Shown";
import { Trouble } from "../part/Trouble";
import "../job/raw.css";

export default function Job() {
  const { id = "" } = useParams();
  const { client } = useSession();
  const navigate = useNavigate();
  const live = useJob(client, id);
  const act = useAct();
  return (
    <SpaceBetween size="l">
      <BreadcrumbGroup
        items={[
          { text: "Jobs", href: "#/jobs" },
          { text: id, href: `#/jobs/${id}` },
        ]}
        onFollow={(event) => {
          event.preventDefault();
          navigate(event.detail.href.slice(1));
        }}
      />
      <Shown live={live}>
        {({ job }) => (
          <SpaceBetween size="l">
            <Header variant="h1" description={job.id} actions={<Actions job={job} act={act} onChange={live.reload} />}>
              {job.input_name ?? job.tasks.map(({ tool }) => tool).join(", ")}
            </Header>
            <Trouble error={act.error} onDismiss={act.clear} />
            {job.error && (
              <Alert type="error" header={job.error.code}>
                {job.error.task !== null && `Task ${job.error.task}, ${job.tasks[job.error.task]?.tool}: `}
                {job.error.message}
                {job.error.retryable && " A restart may help."}
              </Alert>
            )}
            <Summary job={job} />
            <Timeline job={job} />
            <Outputs job={job} onStale={live.renew} />
            <More job={job} />
          </SpaceBetween>
        )}
      </Shown>
    </SpaceBetween>
  );
}

function More({ job }: { job: JobKind }) {
  const [query, setQuery] = useSearchParams();
  return (
    <Container>
      <Tabs
        ariaLabel="More of the job"
        activeTabId={query.get("tab") ?? "log"}
        onChange={({ detail }) => setQuery({ tab: detail.activeTabId }, { replace: true })}
        tabs={[
          { id: "log", label: "Log", content: <Log job={job} /> },
          { id: "events", label: "Events", content: <History job={job} /> },
          { id: "metrics", label: "Metrics", content: <Consumption job={job} /> },
          ...(job.notify.length ? [{ id: "deliveries", label: "Deliveries", content: <Deliveries job={job.id} /> }] : []),
          { id: "json", label: "JSON", content: <pre className="raw" tabIndex={0}>{JSON.stringify(job, null, 2)}</pre> },
        ]}
      />
    </Container>
  );
}
