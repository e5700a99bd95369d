/** What went wrong, in words, with what can be done about it. */

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useEffect, useState } from "react";
import { useDoor } from "../api/session";
import { Refused, Unreachable } from "../api/trouble";

interface Props {
  error: unknown;
  /** When it will be tried again by itself, in milliseconds of the clock. */
  retryAt?: number;
  onRetry?: () => void;
  onDismiss?: () => void;
}

export function Trouble({ error, retryAt, onRetry, onDismiss }: Props) {
  const { session } = useDoor();
  if (!error) return null;
  const isOver = error instanceof Refused && error.status === 401 && session !== undefined;
  return (
    <Alert
      type={retryAt ? "warning" : "error"}
      header={headline(error, session?.organization.role)}
      dismissible={onDismiss !== undefined}
      onDismiss={onDismiss}
      action={
        isOver ? <Button onClick={session.leave}>Log in again</Button> : onRetry && <Button onClick={onRetry}>Try again</Button>
      }
    >
      <Explanation error={error} />
      {retryAt !== undefined && <Countdown until={retryAt} />}
    </Alert>
  );
}

function headline(error: unknown, role: string | undefined): string {
  if (error instanceof Unreachable) return navigator.onLine ? "The service does not answer" : "You are offline";
  if (!(error instanceof Refused)) return "Something went wrong";
  switch (error.status) {
    case 401:
      return "The key is not valid";
    case 403:
      return role ? `The role ${role} of your key does not allow this` : "The key's role does not allow this";
    case 404:
      return "Not found";
    case 409:
      return "Not possible now";
    case 429:
      return "Too many calls";
    default:
      return error.isPassing ? "The service cannot answer now" : (error.problem.title ?? "Refused");
  }
}

function Explanation({ error }: { error: unknown }) {
  if (!(error instanceof Refused)) {
    return <p className="plain">{error instanceof Unreachable ? "What you see may be out of date." : String(error)}</p>;
  }
  return (
    <>
      <p className="plain">{error.message}</p>
      {error.problem.errors && (
        <ul>
          {error.problem.errors.map((each, place) => (
            <li key={place}>
              <code>{each.pointer}</code>: {each.detail}
            </li>
          ))}
        </ul>
      )}
      {error.status >= 500 && error.problem.request_id && <p className="plain">Request {error.problem.request_id}</p>}
    </>
  );
}

function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  return <p className="plain">{left > 0 ? `Trying again in ${left} s.` : "Trying again…"}</p>;
}
