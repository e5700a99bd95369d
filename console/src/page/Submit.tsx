/** Submitting a job: its JSON is checked as it is written, a dry run shows the plan, then it is on its way. */

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useNavigate } from "react-router-dom";
import { useAct } from "../api/act";
import type { Asked } from "../api/client";
import type { Job, Plan } from "../api/kind";
import { useSession } from "../api/session";
import { Begin } from "../order/Begin";
import { Editor } from "../order/Editor";
import { useOrder } from "../order/order";
import { PlanView } from "../order/PlanView";
import { Trouble } from "../part/Trouble";

export default function Submit() {
  const { client, may } = useSession();
  const navigate = useNavigate();
  const order = useOrder();
  const act = useAct();
  const [plan, setPlan] = useState<{ text: string; plan: Plan }>();
  const isReady = order.text.trim() !== "" && order.faults.length === 0 && order.value !== undefined;
  const body = order.value as Asked<"post", "/jobs">["body"];

  const blaming = (work: () => Promise<void>) =>
    act.run(async () => {
      try {
        await work();
      } catch (error) {
        order.blame(error);
        throw error;
      }
    });
  const tryIt = () =>
    blaming(async () => {
      setPlan(undefined);
      const { data } = await client.call("post", "/jobs", { body, query: { dry_run: true } });
      setPlan({ text: order.text, plan: data as Plan });
    });
  const submit = () =>
    blaming(async () => {
      const headers = { "Idempotency-Key": order.idempotencyKey };
      const { data } = await client.call("post", "/jobs", { body, headers });
      navigate(`/jobs/${(data as Job).id}`);
    });

  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="Drop a JSON file, paste it, or begin with an example.">
        Submit a job
      </Header>
      {!may("SUBMIT") && <Alert>Your key may look at jobs, but not submit any. You can still check one here.</Alert>}
      <Container>
        <SpaceBetween size="m">
          <Begin onText={order.write} onFile={order.open} />
          {order.note && <Alert type="error">{order.note}</Alert>}
          <Trouble error={order.checkError} />
          <Editor
            label="The job"
            text={order.text}
            faults={order.faults}
            onChange={order.write}
            onFile={order.open}
          />
          {isReady && order.isChecked && <StatusIndicator>It fits the schemas of its tools</StatusIndicator>}
          <Trouble error={act.error} onDismiss={act.clear} />
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!isReady || !may("SUBMIT")} loading={act.isBusy} onClick={() => void tryIt()}>
                Dry run
              </Button>
              <Button
                variant="primary"
                disabled={!isReady || !may("SUBMIT")}
                loading={act.isBusy}
                onClick={() => void submit()}
              >
                Submit
              </Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </Container>
      {plan?.text === order.text && <PlanView plan={plan.plan} />}
    </SpaceBetween>
  );
}
