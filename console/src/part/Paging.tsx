/** Forward and back through the pages of a list; which page it is stands in the address. */

import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useLocation, useNavigate, useSearchParams } from "react-router-dom";

interface Props {
  nextToken: string | null | undefined;
  isLoading?: boolean;
}

export function Paging({ nextToken, isLoading }: Props) {
  const [query] = useSearchParams();
  const { state } = useLocation() as { state: { cameByPaging?: boolean } | null };
  const navigate = useNavigate();
  const page = Number(query.get("page") ?? 1);

  const turned = (token: string | null, number: number) => {
    const next = new URLSearchParams(query);
    next.delete("token");
    next.delete("page");
    if (token) {
      next.set("token", token);
      next.set("page", String(number));
    }
    return `?${next}`;
  };
  // The service only leads forward: one page back is one step back in the browser's history.
  const back = () => (state?.cameByPaging ? navigate(-1) : navigate(turned(null, 1)));
  const forward = () => navigate(turned(nextToken ?? null, page + 1), { state: { cameByPaging: true } });

  return (
    <nav aria-label="Pages">
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        <Button iconName="angle-left" ariaLabel="Previous page" variant="icon" disabled={page === 1} onClick={back} />
        <span aria-current="page">Page {page}</span>
        <Button
          iconName="angle-right"
          ariaLabel="Next page"
          variant="icon"
          disabled={!nextToken || isLoading}
          onClick={forward}
        />
      </SpaceBetween>
    </nav>
  );
}
