/** One bundle, and how its jobs are. */

import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate, useParams } from "react-router-dom";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Shown } from "../part/Shown";
import { StatusWord } from "../part/StatusWord";
import { To } from "../part/To";
import { countOf } from "../word/number";
import { dateOf } from "../word/time";

const LOOK = 10;

export default function Bundle() {
  const { id = "" } = useParams();
  const { client } = useSession();
  const navigate = useNavigate();
  const live = useLive(
    id,
    (signal) => client.get("/bundles/{id}", { path: { id }, signal }),
    () => LOOK,
  );
  return (
    <Shown live={live}>
      {(bundle) => (
        <SpaceBetween size="l">
          <Header
            variant="h1"
            description={`Bundle ${bundle.number}, made ${dateOf(bundle.created)}`}
            actions={<Button onClick={() => navigate(`/jobs?bundle_id=${id}`)}>Show its jobs</Button>}
          >
            {bundle.name}
          </Header>
          <Container header={<Header variant="h2">Jobs</Header>}>
            <KeyValuePairs
              columns={4}
              items={Object.entries(bundle.jobs as Record<string, number>).map(([status, count]) => ({
                label: <StatusWord status={status} />,
                value: <To to={`/jobs?bundle_id=${id}&status=${status}`}>{countOf(count)}</To>,
              }))}
            />
            {Object.keys(bundle.jobs).length === 0 && "It has no jobs."}
          </Container>
          <Container header={<Header variant="h2">To put a job into it</Header>}>
            Name it in the job: <code>{JSON.stringify({ bundle: bundle.name })}</code>
          </Container>
        </SpaceBetween>
      )}
    </Shown>
  );
}
