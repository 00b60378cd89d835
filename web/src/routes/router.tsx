/** Every address of the app; what an address shows is loaded when it is opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { broadcastStatuses } from "@/ui/Status";
import { dateIn, type CalendarView } from "@/lib/calendar/days";
import { isNear } from "@/lib/calendar/near";
import { isOrder, type BroadcastOrder } from "@/lib/broadcastOrder";
import { isPeople, type People } from "@/lib/people";
import { isDriftKind } from "@/lib/drift";
import type { Combination } from "@/api/segments";
import type { BroadcastStatus, BroadcastType, DriftKind, TemplateCategory, TemplateChannel } from "@/api/types";
import { isCategory, isChannel } from "@/lib/templates";
import { Root } from "./Frame";
import { NotFound, Wrong } from "./Wrong";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** An id of digits arrives as a number. */
const idText = (value: unknown): string | undefined => (typeof value === "number" ? String(value) : text(value));

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => redirect({ to: "/broadcasts", replace: true, throw: true }),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  // A token of digits would arrive as a number.
  validateSearch: (search): { token?: string } => {
    const { token } = search;
    return typeof token === "string" || typeof token === "number" ? { token: String(token) } : {};
  },
  component: lazyRouteComponent(() => import("@/features/session/SignIn"), "SignIn"),
});

const isStatus = (value: unknown): value is BroadcastStatus => broadcastStatuses.some((status) => status === value);

const isType = (value: unknown): value is BroadcastType => value === "sms" || value === "email" || value === "sms_email";

const broadcasts = createRoute({
  getParentRoute: () => root,
  path: "/broadcasts",
  validateSearch: (search): { q?: string; status?: BroadcastStatus; type?: BroadcastType; author?: string; order?: BroadcastOrder; archived?: true } => ({
    ...(idText(search["q"]) === undefined ? {} : { q: idText(search["q"]) }),
    ...(isStatus(search["status"]) ? { status: search["status"] } : {}),
    ...(isType(search["type"]) ? { type: search["type"] } : {}),
    ...(idText(search["author"]) === undefined ? {} : { author: idText(search["author"]) }),
    ...(isOrder(search["order"]) ? { order: search["order"] } : {}),
    ...(search["archived"] === true ? { archived: true } : {}),
  }),
  component: lazyRouteComponent(() => import("@/features/broadcasts/BroadcastList"), "BroadcastList"),
});

const wizard = createRoute({
  getParentRoute: () => root,
  path: "/broadcasts/$id",
  validateSearch: (search): { people?: People; person?: string; check?: true; step?: string; edit?: string; goal?: true } => ({
    ...(idText(search["step"]) === undefined ? {} : { step: idText(search["step"]) }),
    ...(idText(search["edit"]) === undefined ? {} : { edit: idText(search["edit"]) }),
    ...(search["goal"] === true ? { goal: true } : {}),
    ...(isPeople(search["people"]) ? { people: search["people"] } : {}),
    ...(idText(search["person"]) === undefined ? {} : { person: idText(search["person"]) }),
    ...(search["check"] === true ? { check: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./Wizard"), "Wizard"),
});

const segments = createRoute({
  getParentRoute: () => root,
  path: "/segments",
  validateSearch: (search): { q?: string } => (text(search["q"]) === undefined ? {} : { q: text(search["q"]) }),
  component: lazyRouteComponent(() => import("@/features/audience/segments/SegmentList"), "SegmentList"),
});

const newSegment = createRoute({
  getParentRoute: () => root,
  path: "/segments/new",
  validateSearch: (search): { sample?: true } => (search["sample"] === true ? { sample: true } : {}),
  component: lazyRouteComponent(() => import("@/features/audience/segments/NewSegment"), "NewSegment"),
});

const calendar = createRoute({
  getParentRoute: () => root,
  path: "/calendar",
  validateSearch: (search): { view?: CalendarView; date?: string; within?: number; archived?: true } => ({
    ...(search["view"] === "week" ? { view: "week" } : {}),
    ...(dateIn(search["date"]) === undefined ? {} : { date: dateIn(search["date"]) }),
    ...(isNear(search["within"]) ? { within: search["within"] } : {}),
    ...(search["archived"] === true ? { archived: true } : {}),
  }),
  component: lazyRouteComponent(() => import("@/features/calendar/CalendarPage"), "CalendarPage"),
});

const isWay = (value: unknown): value is Combination => value === "union" || value === "intersection" || value === "difference";

const combineSegments = createRoute({
  getParentRoute: () => root,
  path: "/segments/combine",
  validateSearch: (search): { of?: string[]; how?: Combination } => ({
    ...(Array.isArray(search["of"]) ? { of: search["of"].filter((id) => typeof id === "string") } : {}),
    ...(isWay(search["how"]) ? { how: search["how"] } : {}),
  }),
  component: lazyRouteComponent(() => import("@/features/audience/segments/CombineSegments"), "CombineSegments"),
});

const oneSegment = createRoute({
  getParentRoute: () => root,
  path: "/segments/$id",
  component: lazyRouteComponent(() => import("@/features/audience/segments/SegmentPage"), "SegmentPage"),
});

type TemplateView = "library" | "archive" | "sequences" | "snippets";
const isView = (value: unknown): value is TemplateView => value === "library" || value === "archive" || value === "sequences" || value === "snippets";

const templates = createRoute({
  getParentRoute: () => root,
  path: "/templates",
  validateSearch: (search): { q?: string; channel?: TemplateChannel; category?: TemplateCategory; view?: TemplateView } => ({
    ...(idText(search["q"]) === undefined ? {} : { q: idText(search["q"]) }),
    ...(isChannel(search["channel"]) ? { channel: search["channel"] } : {}),
    ...(isCategory(search["category"]) ? { category: search["category"] } : {}),
    ...(isView(search["view"]) ? { view: search["view"] } : {}),
  }),
  component: lazyRouteComponent(() => import("@/features/templates/TemplateList"), "TemplateList"),
});

const newTemplate = createRoute({
  getParentRoute: () => root,
  path: "/templates/new",
  validateSearch: (search): { channel?: TemplateChannel } => (isChannel(search["channel"]) ? { channel: search["channel"] } : {}),
  component: lazyRouteComponent(() => import("./Templates"), "NewTemplate"),
});

const oneTemplate = createRoute({
  getParentRoute: () => root,
  path: "/templates/$id",
  component: lazyRouteComponent(() => import("./Templates"), "TemplatePage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/features/settings/SettingsPage"), "SettingsPage"),
});

const first = createRoute({
  getParentRoute: () => wizard,
  path: "/",
  component: lazyRouteComponent(() => import("./Wizard"), "FirstStep"),
});

const type = createRoute({
  getParentRoute: () => wizard,
  path: "type",
  component: lazyRouteComponent(() => import("@/features/broadcasts/TypeStep"), "TypeStep"),
});

const audience = createRoute({
  getParentRoute: () => wizard,
  path: "audience",
  validateSearch: (search): { q?: string; sort?: string } => ({
    ...(idText(search["q"]) === undefined ? {} : { q: idText(search["q"]) }),
    ...(text(search["sort"]) === undefined ? {} : { sort: text(search["sort"]) }),
  }),
  component: lazyRouteComponent(() => import("@/features/audience/AudienceStep"), "AudienceStep"),
});

const estimate = createRoute({
  getParentRoute: () => wizard,
  path: "estimate",
  component: lazyRouteComponent(() => import("@/features/audience/EstimateStep"), "EstimateStep"),
});

const compose = createRoute({
  getParentRoute: () => wizard,
  path: "compose",
  component: lazyRouteComponent(() => import("./Compose"), "Compose"),
});

const schedule = createRoute({
  getParentRoute: () => wizard,
  path: "schedule",
  component: lazyRouteComponent(() => import("@/features/schedule/ScheduleStep"), "ScheduleStep"),
});

const review = createRoute({
  getParentRoute: () => wizard,
  path: "review",
  component: lazyRouteComponent(() => import("@/features/broadcasts/ReviewStep"), "ReviewStep"),
});

const tracking = createRoute({
  getParentRoute: () => wizard,
  path: "tracking",
  validateSearch: (search): { show?: string; q?: string; of?: string; by?: "sms" | "email"; drift?: DriftKind; message?: string } => ({
    ...(idText(search["of"]) === undefined ? {} : { of: idText(search["of"]) }),
    ...(search["by"] === "sms" || search["by"] === "email" ? { by: search["by"] } : {}),
    ...(idText(search["message"]) === undefined ? {} : { message: idText(search["message"]) }),
    ...(isDriftKind(search["drift"]) ? { drift: search["drift"] } : {}),
    ...(text(search["show"]) === undefined ? {} : { show: text(search["show"]) }),
    ...(text(search["q"]) === undefined ? {} : { q: text(search["q"]) }),
  }),
  component: lazyRouteComponent(() => import("@/features/tracking/TrackingStep"), "TrackingStep"),
});

const steps = [first, type, audience, estimate, compose, schedule, review, tracking] as const;

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, broadcasts, wizard.addChildren(steps), calendar, segments, newSegment, combineSegments, oneSegment, templates, newTemplate, oneTemplate, settings]),
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: Wrong,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
