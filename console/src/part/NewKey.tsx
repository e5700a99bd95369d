/** Making an API key. */

import FormField from "@cloudscape-design/components/form-field";
import Checkbox from "@cloudscape-design/components/checkbox";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useAct } from "../api/act";
import type { Answer } from "../api/client";
import type { Role } from "../api/kind";
import { useSession } from "../api/session";
import { Confirm } from "./Confirm";

const ROLES: readonly { value: Role; label: string; description: string }[] = [
  { value: "VIEW", label: "VIEW", description: "Reads" },
  { value: "SUBMIT", label: "SUBMIT", description: "Submits, cancels and restarts jobs, too" },
  { value: "CONFIG", label: "CONFIG", description: "Bundles, templates, webhooks, too" },
  { value: "ADMIN", label: "ADMIN", description: "Keys and pools, too" },
  { value: "WORK", label: "WORK", description: "Takes tasks as an outside worker, and nothing else" },
];
const DAYS = [
  { value: "", label: "Never" },
  { value: "1", label: "In a day" },
  { value: "30", label: "In 30 days" },
  { value: "365", label: "In a year" },
];

interface Props {
  onMade: (key: Answer<"post", "/keys">) => void;
  onClose: () => void;
}

export function NewKey({ onMade, onClose }: Props) {
  const { client } = useSession();
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role>("SUBMIT");
  const [days, setDays] = useState("");
  const [invitation, setInvitation] = useState(false);
  const act = useAct();
  const make = async () => {
    const expires = days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null;
    const { data } = await client.call("post", "/keys", { body: { user: user.trim(), role, expires, invitation } });
    if (data) onMade(data);
  };
  return (
    <Confirm title="Make a key" word="Make it" act={act} work={make} isIncomplete={!user.trim()} onClose={onClose}>
      <FormField label="User" constraintText="Whom it belongs to, such as an e-mail address.">
        <Input value={user} autoFocus onChange={({ detail }) => setUser(detail.value)} />
      </FormField>
      <FormField label="Role">
        <Select
          options={ROLES}
          selectedOption={ROLES.find(({ value }) => value === role) ?? null}
          onChange={({ detail }) => setRole(detail.selectedOption.value as Role)}
        />
      </FormField>
      <FormField label="Expires">
        <Select
          options={DAYS}
          selectedOption={DAYS.find(({ value }) => value === days) ?? null}
          onChange={({ detail }) => setDays(detail.selectedOption.value ?? "")}
        />
      </FormField>
      <Checkbox
        checked={invitation}
        description="It only gives a key of another organization this role here, once."
        onChange={({ detail }) => setInvitation(detail.checked)}
      >
        An invitation
      </Checkbox>
    </Confirm>
  );
}
