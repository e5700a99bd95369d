/** A link to another page of the console. */

import Link, { type LinkProps } from "@cloudscape-design/components/link";
import { useHref, useNavigate } from "react-router-dom";

export function To({ to, ...rest }: LinkProps & { to: string }) {
  const href = useHref(to);
  const navigate = useNavigate();
  return (
    <Link
      {...rest}
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        navigate(to);
      }}
    />
  );
}
