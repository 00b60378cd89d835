/** A value chosen from a list beside the filter: it becomes a condition, joins one, or leaves it again. */
import type { AudienceField } from "@/api/types";
import type { FilterAction } from "./edit";
import { newCondition, type ConditionNode, type GroupNode } from "./tree";

type Chosen = Pick<AudienceField, "id" | "type" | "operators">;

const same = (one: unknown, other: unknown) => String(one).trim().toLowerCase() === String(other).trim().toLowerCase();
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : value === undefined || value === "" ? [] : [value]);

/** What the operators that take a value in, and no other, are called for one value and for several. */
const including = ["is", "is_one_of", "has_any_of"];
const yesOrNo: Record<string, string> = { true: "is_true", false: "is_false" };

/** A click can only narrow where every condition has to be met. */
export const canChoose = ({ match, parts }: GroupNode): boolean => match === "all" || (match === "any" && parts.length <= 1);

function conditionOn(tree: GroupNode, field: Chosen): ConditionNode | undefined {
  const taking = field.type === "boolean" ? Object.values(yesOrNo) : including;
  return tree.parts.find(
    (part): part is ConditionNode => part.kind === "condition" && part.field === field.id && taking.includes(part.operator),
  );
}

function valuesIn(condition: ConditionNode | undefined): unknown[] {
  if (condition === undefined) return [];
  const answer = Object.entries(yesOrNo).find(([, operator]) => operator === condition.operator);
  return answer === undefined ? listOf(condition.value) : [answer[0]];
}

export const chosenIn = (tree: GroupNode, field: Chosen): string[] =>
  canChoose(tree) ? valuesIn(conditionOn(tree, field)).map(String) : [];

export const isChosen = (chosen: string[], value: string): boolean => chosen.some((each) => same(each, value));

const asHeld = (field: Chosen, value: string): unknown => (field.type === "number" && Number.isFinite(Number(value)) ? Number(value) : value);

/** What makes a new condition of it; undefined where the field cannot be asked for a value. */
function fresh(field: Chosen, value: string): ConditionNode | undefined {
  if (field.type === "boolean") {
    const operator = yesOrNo[value.toLowerCase()];
    return operator === undefined ? undefined : newCondition(field.id, operator);
  }
  const operator = including.find((each) => field.operators.includes(each));
  if (operator === undefined) return undefined;
  return newCondition(field.id, operator, operator === "is" ? asHeld(field, value) : [asHeld(field, value)]);
}

/** The edits that choose the value, or let it go when it is chosen already. */
export function choosing(tree: GroupNode, field: Chosen, value: string): FilterAction[] {
  if (!canChoose(tree)) return [];
  const condition = conditionOn(tree, field);
  const values = valuesIn(condition);
  const left = values.filter((each) => !same(each, value));
  const isOn = left.length < values.length;
  if (condition === undefined || (values.length === 0 && !isOn)) {
    const node = fresh(field, value);
    if (node === undefined) return [];
    if (condition !== undefined) return [change(condition, node.operator, node.value)];
    const add: FilterAction = { do: "add", group: tree.id, node };
    return tree.match === "all" ? [add] : [{ do: "match", group: tree.id, match: "all" }, add];
  }
  if (isOn && left.length === 0) return [{ do: "remove", node: condition.id }];
  if (field.type === "boolean") return [change(condition, yesOrNo[value.toLowerCase()] ?? condition.operator, undefined)];
  const next = isOn ? left : [...values, asHeld(field, value)];
  return [change(condition, condition.operator === "is" ? "is_one_of" : condition.operator, next)];
}

const change = ({ id }: ConditionNode, operator: string, value: unknown): FilterAction => ({
  do: "change",
  condition: id,
  to: { operator, value },
});
