/** Asks before something that cannot be taken back. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { Act } from "../api/act";
import { Trouble } from "./Trouble";

interface Props {
  title: string;
  /** What the button that does it says. */
  word: string;
  act: Act;
  work: () => Promise<unknown>;
  onClose: () => void;
  /** The form is not filled in yet. */
  isIncomplete?: boolean;
  children?: ReactNode;
}

export function Confirm({ title, word, act, work, onClose, isIncomplete, children }: Props) {
  const close = () => {
    act.clear();
    onClose();
  };
  const run = async () => {
    if (!isIncomplete && (await act.run(work))) onClose();
  };
  return (
    <Modal
      visible
      header={title}
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              Close
            </Button>
            <Button variant="primary" loading={act.isBusy} disabled={isIncomplete} onClick={() => void run()}>
              {word}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <SpaceBetween size="m">
          {children}
          <Trouble error={act.error} />
        </SpaceBetween>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}
