/** What can be done with a job: cancel, restart, resubmit. */

import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router-dom";
import { useAct, type Act } from "../api/act";
import { ENDED, type Job } from "../api/kind";
import { useSession } from "../api/session";
import { Confirm } from "../part/Confirm";

interface Props {
  job: Job;
  act: Act;
  onChange: () => void;
}

export function Actions({ job, act, onChange }: Props) {
  const { client, may } = useSession();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const cancelling = useAct();
  const path = { id: job.id };
  const hasEnded = ENDED.includes(job.status);
  const reason = may("SUBMIT") ? undefined : "Needs the role SUBMIT";

  const cancel = () => client.call("post", "/jobs/{id}/cancel", { path }).then(onChange);
  const restart = (start_at: "first" | "failed") =>
    act.run(() => client.call("post", "/jobs/{id}/restart", { path, body: { start_at } }).then(onChange));
  const resubmit = () =>
    act.run(async () => {
      const { data } = await client.call("post", "/jobs/{id}/resubmit", { path });
      navigate(`/jobs/${data?.id}`);
    });

  return (
    <SpaceBetween direction="horizontal" size="xs">
      {!hasEnded && (
        <Button disabled={!may("SUBMIT")} disabledReason={reason} onClick={() => setAsking(true)}>
          Cancel
        </Button>
      )}
      {hasEnded && (
        <ButtonDropdown
          disabled={!may("SUBMIT")}
          loading={act.isBusy}
          items={[
            { id: "first", text: "From the first task" },
            { id: "failed", text: "From the first task that did not succeed", disabled: job.status === "Success" },
          ]}
          onItemClick={({ detail }) => void restart(detail.id as "first" | "failed")}
        >
          Restart
        </ButtonDropdown>
      )}
      <ButtonDropdown
        disabled={!may("SUBMIT")}
        loading={act.isBusy}
        items={[
          { id: "same", text: "As it was" },
          { id: "edit", text: "With an edit" },
        ]}
        onItemClick={({ detail }) => (detail.id === "edit" ? navigate(`/jobs/${job.id}/resubmit`) : void resubmit())}
      >
        Resubmit
      </ButtonDropdown>
      {isAsking && (
        <Confirm title="Cancel the job?" word="Cancel the job" act={cancelling} work={cancel} onClose={() => setAsking(false)}>
          What runs is stopped and its partial files are removed. The job can be restarted.
        </Confirm>
      )}
    </SpaceBetween>
  );
}
