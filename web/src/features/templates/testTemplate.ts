/** A template, for tests. */
import type { Template } from "@/api/types";

export const template = (over: Partial<Template> = {}): Template => ({
  id: "t1", name: "Reminder", channel: "sms", category: "reminder", subject: null, preheader: "", body: "Hi Ann", email: null, version: 2,
  from_library: null, archived_at: null, created_by: "Ana", created_at: "2026-11-01T09:00:00Z", updated_by: "Ana", updated_at: "2026-11-20T08:00:00Z", ...over,
});
