/** What stands around every page: the bar on top and the way to the other pages. */

import AppLayout from "@cloudscape-design/components/app-layout";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { useState, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router-dom";
import { useSession } from "./api/session";
import { chooseMode, isDark } from "./mode";

const PAGES = [
  { type: "link", text: "Jobs", href: "#/jobs" },
  { type: "link", text: "Submit a job", href: "#/submit" },
  { type: "link", text: "Overview", href: "#/overview" },
  { type: "divider" },
  { type: "link", text: "Bundles", href: "#/bundles" },
  { type: "link", text: "Pools", href: "#/pools" },
  { type: "link", text: "Webhooks", href: "#/webhooks" },
  { type: "link", text: "Keys", href: "#/keys" },
] as const;

const NARROW = 688;

export function Frame({ children }: { children: ReactNode }) {
  const { organization, organizations, choose, leave } = useSession();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const [dark, setDark] = useState(isDark);
  const [isOpen, setOpen] = useState(innerWidth > NARROW);

  const changeMode = () => {
    chooseMode(!dark);
    setDark(!dark);
  };
  const follow = (event: CustomEvent<{ href?: string; external?: boolean }>) => {
    if (event.detail.external || !event.detail.href) return;
    event.preventDefault();
    navigate(event.detail.href.slice(1));
    if (innerWidth <= NARROW) setOpen(false);
  };

  return (
    <>
      <div id="header">
        <TopNavigation
          identity={{ title: "mediajobs", href: "#/jobs", onFollow: follow }}
          utilities={[
            {
              type: "button",
              text: dark ? "Light" : "Dark",
              ariaLabel: dark ? "Change to light mode" : "Change to dark mode",
              disableUtilityCollapse: false,
              onClick: changeMode,
            },
            {
              type: "menu-dropdown",
              text: organization.name,
              description: `Role ${organization.role}`,
              ariaLabel: `${organization.name}, role ${organization.role}`,
              iconName: "user-profile",
              items: [
                ...(organizations.length > 1
                  ? [{ text: "Organization", items: organizations.map(({ id, name }) => ({ id, text: name })) }]
                  : []),
                { id: "leave", text: "Log out" },
              ],
              onItemClick: ({ detail }) => (detail.id === "leave" ? leave() : choose(detail.id)),
            },
          ]}
        />
      </div>
      <AppLayout
        headerSelector="#header"
        toolsHide
        navigationOpen={isOpen}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigation={
          <SideNavigation activeHref={`#/${pathname.split("/")[1]}`} items={[...PAGES]} onFollow={follow} />
        }
        ariaLabels={{
          navigation: "Pages",
          navigationToggle: "Show the pages",
          navigationClose: "Hide the pages",
        }}
        content={children}
      />
    </>
  );
}
