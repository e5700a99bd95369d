/** What a webhook, or a job's own receivers, were told or could not be told. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useAct } from "../api/act";
import type { Delivery } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { durationOf, dateOf } from "../word/time";
import { Shown } from "./Shown";
import { StatusWord } from "./StatusWord";
import { To } from "./To";
import { Trouble } from "./Trouble";

/** Seconds between two looks while a delivery is on its way. */
const SOON = 4;
const LATER = 30;
const PAGE = 25;

export function Deliveries({ webhook, job }: { webhook?: string; job?: string }) {
  const { client, may } = useSession();
  const [pages, setPages] = useState(1);
  const act = useAct();
  const live = useLive(
    `${webhook} ${job} ${pages}`,
    async (signal) => {
      const deliveries: Delivery[] = [];
      let token: string | undefined;
      for (let page = 0; page < pages; page++) {
        const query = { limit: PAGE, next_token: token };
        const found = webhook
          ? await client.get("/webhooks/{id}/deliveries", { path: { id: webhook }, query, signal })
          : await client.get("/jobs/{id}/deliveries", { path: { id: job ?? "" }, query, signal });
        deliveries.push(...found.deliveries);
        token = found.next_token ?? undefined;
        if (!token) break;
      }
      return { deliveries, hasMore: token !== undefined };
    },
    ({ deliveries }) => (deliveries.some(({ status }) => status === "Pending") ? SOON : LATER),
  );
  const redeliver = (delivery: Delivery) =>
    act.run(async () => {
      const path = { id: webhook ?? delivery.webhook_id ?? "", delivery: delivery.id };
      await client.call("post", "/webhooks/{id}/deliveries/{delivery}/redeliver", { path });
      live.reload();
    });

  return (
    <Shown live={live}>
      {({ deliveries, hasMore }) => (
        <SpaceBetween size="m">
          <Trouble error={act.error} onDismiss={act.clear} />
          <Table
            variant={webhook ? "container" : "embedded"}
            header={webhook && <Header variant="h2">Deliveries</Header>}
            items={deliveries}
            trackBy="id"
            wrapLines
            ariaLabels={{ tableLabel: "Deliveries" }}
            empty={<Box textAlign="center">Nothing was to be told yet.</Box>}
            columnDefinitions={[
              { id: "created", header: "Created", isRowHeader: true, cell: ({ created }) => dateOf(created) },
              { id: "type", header: "Message", cell: ({ type }) => type },
              { id: "status", header: "Status", cell: ({ status }) => <StatusWord status={status} />, minWidth: 125 },
              { id: "tries", header: "Tries", cell: ({ tries }) => tries },
              { id: "answer", header: "The last answer", cell: (delivery) => <Answer delivery={delivery} />, minWidth: 200 },
              {
                id: "job",
                header: "Job",
                cell: ({ job_id: id }) => (id && webhook ? <To to={`/jobs/${id}`}>{id.slice(-12)}</To> : "–"),
              },
              ...(webhook
                ? [
                    {
                      id: "do",
                      header: "",
                      minWidth: 115,
                      cell: (delivery: Delivery) => (
                        <Button
                          variant="inline-link"
                          ariaLabel={`Redeliver ${delivery.type} of ${delivery.created}`}
                          disabled={!may("CONFIG") || act.isBusy || delivery.status === "Pending"}
                          onClick={() => void redeliver(delivery)}
                        >
                          Redeliver
                        </Button>
                      ),
                    },
                  ]
                : []),
            ]}
            footer={hasMore && <Button onClick={() => setPages(pages + 1)}>Show more</Button>}
          />
        </SpaceBetween>
      )}
    </Shown>
  );
}

function Answer({ delivery: { last_try: last, next_try: next, status, url } }: { delivery: Delivery }) {
  return (
    <>
      {last ? (
        <div>
          {last.status ?? last.error ?? "none"} after {durationOf(last.milliseconds / 1000)}
          {last.response && <Box variant="small"> {last.response.slice(0, 200)}</Box>}
          {last.status !== null && last.error && <Box variant="small"> {last.error}</Box>}
        </div>
      ) : (
        <div>none yet</div>
      )}
      {status === "Pending" && next && <Box variant="small">next try at {dateOf(next)}</Box>}
      <Box variant="small">{url}</Box>
    </>
  );
}
