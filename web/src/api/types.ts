/** The words of the contract, without the generator's detours. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Condition = Schemas["Condition"];
export type Group = Schemas["Group-Output"];
export type AudienceField = Schemas["AudienceField"];
export type AudienceFields = Schemas["AudienceFields"];
export type Operator = Schemas["Operator"];
export type Estimate = Schemas["Estimate"];
export type Contact = Schemas["Contact"];
export type ContactPage = Schemas["ContactPage"];
export type LeftOutCount = Schemas["LeftOutCount"];
export type LeftOut = LeftOutCount["reason"];
export type EmailLeftOut = Schemas["EmailLeftOutCount"]["reason"];
export type AnyLeftOutCount = Schemas["AnyLeftOutCount"];
export type AnyLeftOut = LeftOut | EmailLeftOut;
export type Freshness = Schemas["Freshness"];
export type Waterfall = Schemas["Waterfall"];
export type Why = Schemas["Why"];
export type Export = Schemas["Export"];
export type StoredImage = Schemas["Image"];
export type AudienceMatched = Schemas["AudienceMatched"];
export type AudienceAnswer = Schemas["AudienceAnswer"];

export type Broadcast = Schemas["Broadcast"];
export type BroadcastLine = Schemas["BroadcastLine"];
export type BroadcastStatus = Broadcast["status"];
export type BroadcastType = Broadcast["broadcast_type"];
export type AudienceMode = Broadcast["audience_mode"];
export type Drift = Schemas["Drift"];
export type DriftKind = Schemas["ListDrift"]["kind"];
export type BroadcastChange = Schemas["BroadcastChange"];
export type Step = Schemas["Step"];
export type StepChange = Schemas["StepChange"];
export type Outlook = Schemas["Outlook"];
export type WizardProblem = Schemas["WizardProblem"];
export type Tracking = Schemas["Tracking"];
export type Message = Schemas["Message"];
export type MessageStatus = Message["status"];
export type MessageStory = Schemas["MessageStory"];
export type MessageEvent = Schemas["MessageEvent"];
export type Attempt = Schemas["Attempt"];
export type RetryPreview = Schemas["RetryPreview"];
export type WorkspaceSettings = Schemas["WorkspaceSettings"];
export type WorkspaceChange = Schemas["WorkspaceChange"];
/** How a broadcast is sent; it can be changed until it has ended. */
export type SendingRules = Pick<Broadcast, "late_policy" | "max_per_minute" | "stop_at_failure_rate">;
export type Recipient = Schemas["Recipient"];
export type RecipientPreview = Schemas["RecipientPreview"];
export type MissingToken = Schemas["MissingToken"];
export type Money = Schemas["Money"];
export type Me = Schemas["Me"];
export type Problem = Schemas["Problem"];
export type Fault = Schemas["Fault"];
