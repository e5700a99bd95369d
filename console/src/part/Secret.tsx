/** A secret that the service shows just once. */

import Alert from "@cloudscape-design/components/alert";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

interface Props {
  title: string;
  value: string;
  onDismiss: () => void;
}

export function Secret({ title, value, onDismiss }: Props) {
  return (
    <Alert type="success" header={title} dismissible onDismiss={onDismiss}>
      <p className="plain">It is shown this once. Copy it now.</p>
      <CopyToClipboard
        variant="inline"
        textToCopy={value}
        copyButtonAriaLabel="Copy"
        copySuccessText="Copied"
        copyErrorText="The browser does not let the page copy"
      />
    </Alert>
  );
}
