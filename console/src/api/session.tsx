/** Who is logged in: an API key, kept for this tab alone, and what its role lets one do. */

import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { Client } from "./client";
import type { Organization, Role } from "./kind";

const PLACE = "mediajobs.session";
/** Each role includes those before it. */
const ROLES: readonly Role[] = ["VIEW", "SUBMIT", "CONFIG", "ADMIN"];

interface Kept {
  key: string;
  organizations: Organization[];
  organizationId: string;
}

export interface Session {
  client: Client;
  organization: Organization;
  organizations: Organization[];
  /** Whether the key's role in the organization includes this one. */
  may: (role: Role) => boolean;
  choose: (organizationId: string) => void;
  leave: () => void;
}

interface Door {
  session: Session | undefined;
  /** Log in. Raises Refused, Unreachable. */
  enter: (key: string) => Promise<void>;
}

const Context = createContext<Door | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [kept, setKept] = useState(recalled);
  const door = useMemo<Door>(() => {
    const keep = (next: Kept | undefined) => {
      if (next) sessionStorage.setItem(PLACE, JSON.stringify(next));
      else sessionStorage.removeItem(PLACE);
      setKept(next);
    };
    const enter = async (key: string) => {
      const { organizations } = await new Client(key).get("/organizations");
      const first = organizations[0];
      if (!first) throw new Error("This key has no role in any organization");
      keep({ key, organizations, organizationId: first.id });
    };
    return { session: kept && opened(kept, keep), enter };
  }, [kept]);
  return <Context.Provider value={door}>{children}</Context.Provider>;
}

export function useDoor(): Door {
  const door = useContext(Context);
  if (!door) throw new Error("There is no SessionProvider");
  return door;
}

/** The session of a page that shows only to who is logged in. */
export function useSession(): Session {
  const { session } = useDoor();
  if (!session) throw new Error("Nobody is logged in");
  return session;
}

function opened(kept: Kept, keep: (next: Kept | undefined) => void): Session | undefined {
  const { key, organizations, organizationId } = kept;
  const organization = organizations.find((each) => each.id === organizationId) ?? organizations[0];
  if (!organization) return undefined;
  return {
    client: new Client(key, organizations.length > 1 ? organization.id : undefined),
    organization,
    organizations,
    may: (role) => organization.role === role || ROLES.indexOf(organization.role) >= ROLES.indexOf(role),
    choose: (id) => keep({ ...kept, organizationId: id }),
    leave: () => keep(undefined),
  };
}

function recalled(): Kept | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Kept | null) ?? undefined;
  } catch {
    return undefined;
  }
}
