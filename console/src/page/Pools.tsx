/** The organization's pools: how full each is, and who waits. */

import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAct } from "../api/act";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Confirm } from "../part/Confirm";
import { Shown } from "../part/Shown";
import { PoolView } from "../part/PoolView";

const LOOK = 10;

interface Change {
  region: string;
  isNew: boolean;
  capacity: string;
  maxPriority: string;
}

export default function Pools() {
  const { client, may } = useSession();
  const [change, setChange] = useState<Change>();
  const act = useAct();
  const live = useLive(
    "pools",
    (signal) => client.get("/pools", { signal }),
    () => LOOK,
  );
  const put = async () => {
    if (!change) return;
    const body = {
      capacity: Number(change.capacity),
      max_priority: change.maxPriority === "" ? null : Number(change.maxPriority),
    };
    await client.call("put", "/pools/{region}", { path: { region: change.region.trim() }, body });
    live.reload();
  };
  const field = (label: string, name: "region" | "capacity" | "maxPriority", rest: object = {}) =>
    change && (
      <FormField label={label}>
        <Input value={change[name]} onChange={({ detail }) => setChange({ ...change, [name]: detail.value })} {...rest} />
      </FormField>
    );

  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description="How many of the organization's jobs may run at once in a region."
        actions={
          <Button
            disabled={!may("ADMIN")}
            disabledReason="Needs the role ADMIN"
            onClick={() => setChange({ region: "", isNew: true, capacity: "10", maxPriority: "" })}
          >
            Make a pool
          </Button>
        }
      >
        Pools
      </Header>
      <Shown live={live}>
        {({ pools }) => (
          <SpaceBetween size="l">
            {pools.length === 0 && <Box>There is no pool yet, so that no job can run.</Box>}
            {pools.map((pool) => (
              <PoolView
                key={pool.region}
                pool={pool}
                onChange={() =>
                  setChange({
                    region: pool.region,
                    isNew: false,
                    capacity: String(pool.capacity),
                    maxPriority: String(pool.max_priority),
                  })
                }
              />
            ))}
          </SpaceBetween>
        )}
      </Shown>
      {change && (
        <Confirm
          title={change.isNew ? "Make a pool" : `Change the pool of ${change.region}`}
          word={change.isNew ? "Make it" : "Change it"}
          act={act}
          work={put}
          isIncomplete={!change.region.trim() || !/^\d+$/.test(change.capacity)}
          onClose={() => setChange(undefined)}
        >
          {change.isNew && field("Region", "region", { placeholder: "eu-central-1" })}
          {field("Jobs at once", "capacity", { type: "number", inputMode: "numeric" })}
          {field("Highest priority for any role but ADMIN", "maxPriority", { type: "number", inputMode: "numeric" })}
        </Confirm>
      )}
    </SpaceBetween>
  );
}
