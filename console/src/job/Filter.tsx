/** Which jobs a list shows; every choice stands in the address, so that the back button undoes it. */

import Button from "@cloudscape-design/components/button";
import DateRangePicker, { type DateRangePickerProps } from "@cloudscape-design/components/date-range-picker";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router-dom";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { spanOf, UNITS, type Span } from "./query";
import "./filter.css";

const STATUSES = ["Pending", "Running", "Success", "Failed", "Cancelled"].map((value) => ({ value, label: value }));
const ANY_TOOL = { value: "", label: "Any tool" };
const SPANS: readonly Span[] = [
  { amount: 1, unit: "hour" },
  { amount: 24, unit: "hour" },
  { amount: 7, unit: "day" },
];

export function Filter() {
  const [query, setQuery] = useSearchParams();
  const { client } = useSession();
  const tools = useLive("tools", (signal) => client.get("/tools", { signal }));
  const change = (values: Record<string, string | undefined>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries({ ...values, page: undefined, token: undefined })) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setQuery(next);
  };
  const statuses = query.get("status")?.split(",") ?? [];
  const options = [ANY_TOOL, ...(tools.data?.tools ?? []).map(({ name }) => ({ value: name, label: name }))];

  return (
    <div className="filter" role="search" aria-label="Jobs">
      <Multiselect
        ariaLabel="Status"
        placeholder="Any status"
        hideTokens
        selectedOptions={STATUSES.filter(({ value }) => statuses.includes(value))}
        options={STATUSES}
        inlineLabelText={statuses.length ? `Status: ${statuses.join(", ")}` : undefined}
        onChange={({ detail }) => change({ status: detail.selectedOptions.map(({ value }) => value).join(",") })}
      />
      <Select
        ariaLabel="Tool"
        options={options}
        selectedOption={options.find(({ value }) => value === query.get("tool")) ?? ANY_TOOL}
        onChange={({ detail }) => change({ tool: detail.selectedOption.value })}
      />
      <Submitted query={query} onChange={change} />
      <Text name="tag" label="Tag" value={query.get("tag")} onChange={change} />
      <Text name="input_name" label="Input's name" value={query.get("input_name")} onChange={change} />
      {["bundle_id", "template_id", "region", "user_data"]
        .filter((name) => query.has(name))
        .map((name) => (
          <Button key={name} iconName="close" iconAlign="right" onClick={() => change({ [name]: undefined })}>
            {`${name}: ${query.get(name)}`}
          </Button>
        ))}
    </div>
  );
}

interface TextProps {
  name: string;
  label: string;
  value: string | null;
  onChange: (values: Record<string, string | undefined>) => void;
}

/** Takes effect with Enter or on leaving the field. */
function Text({ name, label, value, onChange }: TextProps) {
  const [typed, setTyped] = useState(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);
  const commit = () => typed.trim() !== (value ?? "") && onChange({ [name]: typed.trim() });
  return (
    <Input
      type="search"
      ariaLabel={label}
      placeholder={label}
      value={typed}
      onChange={({ detail }) => {
        setTyped(detail.value);
        if (detail.value === "" && value) onChange({ [name]: undefined });
      }}
      onKeyDown={({ detail }) => detail.key === "Enter" && commit()}
      onBlur={commit}
    />
  );
}

interface SubmittedProps {
  query: URLSearchParams;
  onChange: (values: Record<string, string | undefined>) => void;
}

function Submitted({ query, onChange }: SubmittedProps) {
  const span = spanOf(query.get("since"));
  const from = query.get("submitted_after");
  const to = query.get("submitted_before");
  let value: DateRangePickerProps.Value | null = null;
  if (span) {
    value = { type: "relative", key: keyOf(span), ...span };
  } else if (from && to) {
    value = { type: "absolute", startDate: from, endDate: to };
  }
  return (
    <DateRangePicker
      ariaLabel="Submitted"
      placeholder="Submitted"
      value={value}
      relativeOptions={SPANS.map((each) => ({ key: keyOf(each), type: "relative", ...each }))}
      rangeSelectorMode="default"
      customRelativeRangeUnits={UNITS}
      isValidRange={(range) => {
        if (range?.type === "absolute" && !(range.startDate && range.endDate)) {
          return { valid: false, errorMessage: "Choose a begin and an end." };
        }
        if (range?.type === "relative" && !spanOf(keyOf(range))) {
          return { valid: false, errorMessage: "Choose a span of at most four digits." };
        }
        return { valid: true };
      }}
      i18nStrings={{
        formatRelativeRange: ({ amount, unit }) => `The last ${amount === 1 ? unit : `${amount} ${unit}s`}`,
        formatUnit: (unit, amount) => (amount === 1 ? unit : `${unit}s`),
        clearButtonLabel: "Clear",
        applyButtonLabel: "Apply",
        cancelButtonLabel: "Cancel",
        relativeModeTitle: "Up to now",
        absoluteModeTitle: "From and to",
      }}
      onChange={({ detail }) => {
        const range = detail.value;
        onChange({
          since: range?.type === "relative" ? keyOf(range) : undefined,
          submitted_after: range?.type === "absolute" ? new Date(range.startDate).toISOString() : undefined,
          submitted_before: range?.type === "absolute" ? new Date(range.endDate).toISOString() : undefined,
        });
      }}
    />
  );
}

function keyOf({ amount, unit }: { amount: number; unit: string }): string {
  return `${amount}-${unit}`;
}
