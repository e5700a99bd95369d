/** A job's JSON as text, with what is wrong beside each line; a file can be dropped on it. */

import FormField from "@cloudscape-design/components/form-field";
import { useId, useLayoutEffect, useMemo, useRef, useState, type DragEvent } from "react";
import type { Fault } from "./fault";
import { Faults } from "./Faults";
import "./editor.css";

interface Props {
  label: string;
  description?: string;
  text: string;
  faults: Fault[];
  onChange: (text: string) => void;
  onFile: (file: globalThis.File) => void;
}

export function Editor({ label, description, text, faults, onChange, onFile }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const back = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  const id = useId();
  const lines = useMemo(() => text.split("\n"), [text]);
  const byLine = useMemo(() => new Map(faults.toReversed().map((fault) => [fault.line, fault])), [faults]);

  const follow = () => {
    if (back.current && area.current) {
      back.current.scrollTop = area.current.scrollTop;
      back.current.scrollLeft = area.current.scrollLeft;
    }
  };
  useLayoutEffect(follow, [text]);

  const go = (line: number) => {
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    if (area.current) area.current.scrollTop = Math.max(0, (line - 4) * 20);
  };
  const over = (event: DragEvent) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    setOver(event.type !== "dragleave");
  };
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    setOver(false);
    onFile(file);
  };

  return (
    <FormField label={label} description={description} controlId={id} stretch>
      <div
        className={`editor${isOver ? " editor-over" : ""}`}
        onDragEnter={over}
        onDragOver={over}
        onDragLeave={over}
        onDrop={drop}
      >
        <div className="editor-back" ref={back} aria-hidden="true">
          {lines.map((line, place) => {
            const fault = byLine.get(place + 1);
            return (
              <div key={place} className={fault ? "editor-line editor-bad" : "editor-line"}>
                <span className="editor-number">{place + 1}</span>
                <span className="editor-text">{line}</span>
                {fault && <span className="editor-fault">{fault.detail}</span>}
              </div>
            );
          })}
        </div>
        <textarea
          id={id}
          ref={area}
          value={text}
          rows={18}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-invalid={faults.length > 0}
          aria-describedby={`${id}-faults`}
          placeholder="Drop a job's JSON file here, or paste it, or begin with an example."
          onChange={(event) => onChange(event.target.value)}
          onScroll={follow}
        />
      </div>
      <div id={`${id}-faults`}>
        <Faults faults={faults} onGo={go} />
      </div>
    </FormField>
  );
}
