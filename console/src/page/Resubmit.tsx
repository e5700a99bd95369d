/** Submitting a job again, with an edit. */

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useParams, useNavigate } from "react-router-dom";
import { useAct } from "../api/act";
import type { Job } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Editor } from "../order/Editor";
import { asText } from "../order/example";
import { useOrder } from "../order/order";
import { orderOf, patchOf } from "../order/patch";
import { Shown } from "../part/Shown";
import { Trouble } from "../part/Trouble";

export default function Resubmit() {
  const { id = "" } = useParams();
  const { client } = useSession();
  const live = useLive(id, (signal) => client.get("/jobs/{id}", { path: { id }, signal }));
  return <Shown live={live}>{(job) => <Edit key={job.id} job={job} />}</Shown>;
}

function Edit({ job }: { job: Job }) {
  const { client, may } = useSession();
  const navigate = useNavigate();
  const before = orderOf(job);
  const order = useOrder(asText(before));
  const act = useAct();
  const isReady = order.value !== undefined && order.faults.length === 0 && may("SUBMIT");
  const patch = isReady ? patchOf(before, order.value as Record<string, unknown>) : null;

  const submit = () =>
    act.run(async () => {
      try {
        const headers = { "Idempotency-Key": order.idempotencyKey };
        const { data } = await client.call("post", "/jobs/{id}/resubmit", { path: { id: job.id }, body: { patch }, headers });
        navigate(`/jobs/${data?.id}`);
      } catch (error) {
        order.blame(error);
        throw error;
      }
    });

  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={`A new job from what ${job.id} was asked.`}>
        Resubmit with an edit
      </Header>
      <Container>
        <SpaceBetween size="m">
          <Alert>
            Credentials show as sealed. They stay with a URL of the same server or bucket; for another one, give them
            anew.
          </Alert>
          {order.note && <Alert type="error">{order.note}</Alert>}
          <Editor label="The job" text={order.text} faults={order.faults} onChange={order.write} onFile={order.open} />
          <Trouble error={act.error} onDismiss={act.clear} />
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              <span>{patch ? `Changed: ${Object.keys(patch).join(", ")}` : "Nothing is changed yet"}</span>
              <Button onClick={() => navigate(`/jobs/${job.id}`)}>Back to the job</Button>
              <Button variant="primary" disabled={!isReady} loading={act.isBusy} onClick={() => void submit()}>
                Submit
              </Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
