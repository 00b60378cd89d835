/** Where one can be found: a network and an address each. */
import { ActionIcon, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { MOST_LINKS, networkNames, type Network, type SocialBlock, type SocialLink } from "./document";
import { useEditing } from "./editing";
import { AlignField } from "./fields";

const networks = Object.entries(networkNames).map(([value, label]) => ({ value: value as Network, label }));

export function SocialOptions({ block }: { block: SocialBlock }) {
  const { change } = useEditing();
  const { links } = block;
  const unused = networks.find(({ value }) => !links.some(({ network }) => network === value))?.value ?? "website";
  const put = (index: number, what: Partial<SocialLink>, typed?: string) =>
    change(block.id, { links: links.map((link, each) => (each === index ? { ...link, ...what } : link)) }, typed);
  return (
    <>
      {links.map(({ network, url }, index) => (
        <Stack key={index} gap={4} role="group" aria-label={`Link ${index + 1}`}>
          <Group gap={8} wrap="nowrap" align="flex-end">
            <Select<Network>
              flex={1}
              label="Network"
              data={networks}
              value={network}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              onChange={(chosen) => chosen !== null && put(index, { network: chosen })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove the link to ${networkNames[network]}`}
              onClick={() => change(block.id, { links: links.filter((_, each) => each !== index) })}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
          <TextInput
            label={`Address of ${networkNames[network]}`}
            placeholder="https://"
            type="url"
            value={url}
            onChange={(event) => put(index, { url: event.currentTarget.value.trim() }, `link ${index}`)}
          />
        </Stack>
      ))}
      {links.length < MOST_LINKS && (
        <Button variant="subtle" size="compact-md" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => change(block.id, { links: [...links, { network: unused, url: "" }] })}>
          Add a link
        </Button>
      )}
      <AlignField value={block.align} onChange={(align) => change(block.id, { align })} />
    </>
  );
}
