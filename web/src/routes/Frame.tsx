/** What surrounds every screen: navigation (a drawer on phones), the sandbox banner, who is here. */
import { ActionIcon, AppShell, Burger, Group, Menu, NavLink, Text, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import { IconCalendar, IconFlask, IconLogout, IconMoon, IconSend, IconSettings, IconSun, IconTemplate, IconUserCircle, IconUsersGroup } from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useMe, useSignOut } from "@/api/session";
import { useSignedOut } from "@/api/signedOut";
import { SignedOut } from "@/ui/SignedOut";
import classes from "./Frame.module.css";

function Brand() {
  return (
    <Link to="/broadcasts" className={classes["brand"]}>
      <img src="/icon.svg" alt="" width={28} height={28} />
      <span>Clarion</span>
    </Link>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light") === "dark";
  const Mark = isDark ? IconSun : IconMoon;
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={isDark ? "Use light colours" : "Use dark colours"} onClick={() => setColorScheme(isDark ? "light" : "dark")}>
      <Mark size={18} aria-hidden />
    </ActionIcon>
  );
}

function Person() {
  const { data: me } = useMe();
  const signOut = useSignOut();
  if (me === undefined) return <div className={classes["grow"]} />;
  return (
    <Menu position="top-start" width={200}>
      <Menu.Target>
        <UnstyledButton className={classes["person"]}>
          <IconUserCircle size={20} aria-hidden />
          <span className={classes["personName"]}>
            {me.person.name}
            <Text span size="xs" c="dimmed" display="block" truncate>
              {me.workspace.name}
            </Text>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function SandboxBanner() {
  const { data: me } = useMe();
  if (me === undefined || me.sms.leaves_machine) return null;
  return (
    <div className={classes["banner"]} role="note">
      <IconFlask size={16} aria-hidden />
      Sandbox: nothing leaves this machine.
    </div>
  );
}

/** What is told stands inside the router, for it may link to a page. */
export function Root() {
  return (
    <>
      <Frame />
      <Notifications position="bottom-center" limit={3} />
    </>
  );
}

function Frame() {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isSignedOut = useSignedOut();
  if (path === "/sign-in") return <Outlet />;
  if (isSignedOut) return <SignedOut />;
  return (
    <AppShell header={{ height: { base: 56, sm: 0 } }} navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !isOpen } }} padding={0}>
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes["header"]}>
        <Burger opened={isOpen} onClick={toggle} size="sm" aria-label={isOpen ? "Close navigation" : "Open navigation"} aria-expanded={isOpen} />
        <Brand />
        <SchemeToggle />
      </AppShell.Header>
      <AppShell.Navbar className={classes["navbar"]} aria-label="Main">
        <div className={classes["brandRow"]}>
          <Brand />
        </div>
        <NavLink
          component={Link}
          to="/broadcasts"
          label="Broadcasts"
          leftSection={<IconSend size={18} aria-hidden />}
          active={path.startsWith("/broadcasts")}
          aria-current={path === "/broadcasts" ? "page" : undefined}
          onClick={close}
          className={classes["link"]}
        />
        <NavLink
          component={Link}
          to="/calendar"
          label="Calendar"
          leftSection={<IconCalendar size={18} aria-hidden />}
          active={path === "/calendar"}
          aria-current={path === "/calendar" ? "page" : undefined}
          onClick={close}
          className={classes["link"]}
        />
        <NavLink
          component={Link}
          to="/segments"
          label="Segments"
          leftSection={<IconUsersGroup size={18} aria-hidden />}
          active={path.startsWith("/segments")}
          aria-current={path === "/segments" ? "page" : undefined}
          onClick={close}
          className={classes["link"]}
        />
        <NavLink
          component={Link}
          to="/templates"
          label="Templates"
          leftSection={<IconTemplate size={18} aria-hidden />}
          active={path.startsWith("/templates")}
          aria-current={path === "/templates" ? "page" : undefined}
          onClick={close}
          className={classes["link"]}
        />
        <NavLink
          component={Link}
          to="/settings"
          label="Settings"
          leftSection={<IconSettings size={18} aria-hidden />}
          active={path === "/settings"}
          aria-current={path === "/settings" ? "page" : undefined}
          onClick={close}
          className={classes["link"]}
        />
        <div className={classes["grow"]} />
        <Group gap={4} wrap="nowrap" justify="space-between">
          <Person />
          <SchemeToggle />
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes["main"]}>
        <SandboxBanner />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
