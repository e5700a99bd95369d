/** Making a webhook. */

import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { useAct } from "../api/act";
import type { Answer, Asked } from "../api/client";
import { useSession } from "../api/session";
import { Confirm } from "./Confirm";

type Events = NonNullable<NonNullable<Asked<"post", "/webhooks">["body"]>["events"]>;

const EVENTS = (
  ["job.running", "job.success", "job.failed", "job.cancelled", "task.pending", "task.success", "task.failed"] as const
).map((value) => ({ value, label: value }));

interface Props {
  onMade: (webhook: Answer<"post", "/webhooks">) => void;
  onClose: () => void;
}

export function NewWebhook({ onMade, onClose }: Props) {
  const { client } = useSession();
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [events, setEvents] = useState<string[]>(["job.success", "job.failed", "job.cancelled"]);
  const act = useAct();
  const make = async () => {
    const body = { url: url.trim(), events: events as Events, description: description.trim() || null };
    const { data } = await client.call("post", "/webhooks", { body: body as Asked<"post", "/webhooks">["body"] });
    if (data) onMade(data);
  };
  return (
    <Confirm
      title="Make a webhook"
      word="Make it"
      act={act}
      work={make}
      isIncomplete={!url.trim() || events.length === 0}
      onClose={onClose}
    >
      <FormField label="URL" constraintText="User, password and what follows ? are kept as credentials.">
        <Input value={url} autoFocus inputMode="url" placeholder="https://…" onChange={({ detail }) => setUrl(detail.value)} />
      </FormField>
      <FormField label="Is told of">
        <Multiselect
          options={EVENTS}
          selectedOptions={EVENTS.filter(({ value }) => events.includes(value))}
          onChange={({ detail }) => setEvents(detail.selectedOptions.map(({ value }) => value ?? ""))}
        />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </Confirm>
  );
}
