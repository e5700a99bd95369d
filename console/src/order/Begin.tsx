/** What a new job can begin with: a file, an example or a template. */

import Button from "@cloudscape-design/components/button";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef } from "react";
import { useAct } from "../api/act";
import { useLive } from "../api/live";
import type { TemplateVersion } from "../api/kind";
import { useSession } from "../api/session";
import { Trouble } from "../part/Trouble";
import { asText, EXAMPLES } from "./example";

interface Props {
  onText: (text: string) => void;
  onFile: (file: globalThis.File) => void;
}

export function Begin({ onText, onFile }: Props) {
  const { client } = useSession();
  const input = useRef<HTMLInputElement>(null);
  const act = useAct();
  const templates = useLive("templates", (signal) => client.get("/templates", { signal, query: { limit: 100 } }));
  const options: SelectProps.Options = [
    {
      label: "Examples",
      options: Object.entries(EXAMPLES).map(([name, { label, description }]) => ({
        ...{ value: `example ${name}`, label, description },
      })),
    },
    {
      label: "Templates",
      options: (templates.data?.templates ?? []).map(({ name, version, description }) => ({
        value: `template ${name}`,
        label: `${name}@${version}`,
        description: description ?? undefined,
      })),
    },
  ];
  const choose = (value: string) => {
    const [kind, name = ""] = value.split(" ");
    const example = EXAMPLES[name];
    if (kind === "example" && example) onText(asText(example.job));
    if (kind === "template") {
      void act.run(async () => onText(asText(orderOf(await client.get("/templates/{template}", { path: { template: name } })))));
    }
  };
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="xs">
        <Button iconName="upload" onClick={() => input.current?.click()}>
          Choose a file
        </Button>
        <input
          ref={input}
          type="file"
          accept=".json,application/json"
          aria-label="A job's JSON file"
          hidden
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) onFile(file);
            event.target.value = "";
          }}
        />
        <Select
          ariaLabel="Begin with"
          placeholder="Begin with an example or a template"
          selectedOption={null}
          options={options}
          filteringType="auto"
          expandToViewport
          onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
        />
      </SpaceBetween>
      <Trouble error={act.error} onDismiss={act.clear} />
    </SpaceBetween>
  );
}

/** A job made of a template, with its defaults; what must be given is left empty. */
function orderOf({ name, parameters }: TemplateVersion): object {
  const values = Object.entries(parameters as Record<string, { type?: string; default?: unknown }>).map(
    ([parameter, { default: value }]) => [parameter, value ?? ""] as const,
  );
  return { template: name, parameters: Object.fromEntries(values) };
}
